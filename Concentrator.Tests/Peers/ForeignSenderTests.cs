using System.Globalization;
using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>Programs that speak something else than the listener: the log says once what it is and what would be right.</summary>
internal sealed class ForeignSenderTests : SenderTests
{
    private readonly int _tcp = FreePort.Next();
    private readonly int _tls = FreePort.Next();

    protected override ServerSetup Configure(ServerSetup setup) => setup
        .Listen("tcp", $"tcp://127.0.0.1:{_tcp}").ListenTls("tls", _tls).File("out");

    [TestCase("-tls1", "TLS 1.0")]
    [TestCase("-tls1_1", "TLS 1.0 and TLS 1.1")]
    public void An_old_TLS_client_is_told_which_versions_are_taken(string flag, string offered)
    {
        (int exitCode, string said) = OpenSsl.Send(
            _tls, "<134>too old\n"u8.ToArray(), TestCertificates.Authority, null, flag, "-cipher", "DEFAULT@SECLEVEL=0");
        Assert.That(exitCode, Is.Not.Zero);
        Server.WaitForLine($"the client offers {offered}; only TLS 1.2 and TLS 1.3 are accepted");
        Assert.That(said, Does.Contain("alert protocol version"));
    }

    [Test]
    public void TLS_at_a_plain_port_gets_one_hint()
    {
        for (int i = 0; i < 3; i++)
        {
            Script.Python(
                """
                import socket, ssl, sys
                try:
                    ssl.create_default_context().wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=0.3), server_hostname="localhost")
                except (ssl.SSLError, OSError):
                    pass
                """,
                _tcp.ToString(CultureInfo.InvariantCulture));
        }
        SaidOnce("TLS handshake");
    }

    [Test]
    public void HTTP_at_a_plain_port_gets_one_hint()
    {
        for (int i = 0; i < 2; i++)
        {
            Script.Python(
                "import http.client, sys\nc = http.client.HTTPConnection('127.0.0.1', int(sys.argv[1]), timeout=1)\nc.request('GET', '/')\nc.close()",
                _tcp.ToString(CultureInfo.InvariantCulture));
        }
        SaidOnce("HTTP");
    }

    [TestCase(1)]
    [TestCase(2)]
    public void The_PROXY_protocol_gets_one_hint(int version)
    {
        string header = version == 1 ? "PROXY TCP4 192.0.2.1 127.0.0.1 5000 514\r\n" : "\r\n\r\n\0\r\nQUIT\n!\u0011\0\u000c";
        for (int i = 0; i < 2; i++)
        {
            using StreamSender sender = StreamSender.Tcp(_tcp, Framing.Lf);
            sender.SendRaw(Encoding.Latin1.GetBytes(header));
        }
        SaidOnce("PROXY protocol");
    }

    [TestCase("single", true)]
    [TestCase("single", false)]
    [TestCase("stream:always", true)]
    [TestCase("stream:always", false)]
    public void A_compressing_rsyslog_gets_one_hint(string mode, bool octetCounted)
    {
        using RsyslogHost rsyslog = RsyslogHost.Compressing(_tcp, octetCounted, mode);
        using DatagramSender sender = DatagramSender.Unix(rsyslog.LogSocket);
        for (int i = 0; i < 20; i++) sender.Send(Encoding.ASCII.GetBytes($"<134>Nov 28 01:02:03 app[1]: {i} {new string('x', 200)}"));
        SaidOnce("compression.mode");
    }

    private void SaidOnce(string hint)
    {
        Assert.That(Server.WaitForLine(hint), Has.Count.EqualTo(1));
        LedgerAssert.Balances(Server.Metrics());
    }
}

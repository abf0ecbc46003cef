using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>syslog-ng 3.38 and 4.12 as a relay to us: it connects at its start, and begins TLS with its first message.</summary>
internal sealed class SyslogNgSenderTests
{
    [TestCase("")]
    [TestCase("SID")]
    public void The_first_message_of_a_syslog_ng_that_was_silent_beyond_the_handshakes_time_arrives_at_once(string suite)
    {
        using TempDirectory directory = new();
        int port = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(directory.Path, "listener");
        using ServerProcess server = new ServerSetup(directory)
            .Listen(
                "in", $"tls://127.0.0.1:{port}",
                $"\"Tls\": {{ \"CertificateFile\": \"{certificate}\", \"KeyFile\": \"{key}\", \"HandshakeTimeout\": \"00:00:00.5\" }}")
            .File("in.log").Start();
        using SyslogNg peer = SyslogNg.RelayingOverTls(port, TestCertificates.Authority, suite);
        Assert.That(
            Eventually.TryHold(() => server.Log.Contains("handshake", StringComparison.Ordinal), TimeSpan.FromSeconds(2)), Is.False, server.Describe());
        using DatagramSender sender = DatagramSender.Unix(peer.LogSocket);
        sender.Send("<134>Nov 28 01:02:03 app[1]: after a silence"u8);
        string[] lines = LineFile.WaitForLines(directory["in.log"], 1, Deadline.Reaction);
        Assert.That(lines[0], Does.EndWith("app[1]: after a silence"), server.Describe() + peer.Describe());
        LedgerAssert.Balances(server.Metrics());
    }
}

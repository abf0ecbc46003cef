using System.Text;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>OpenSSL's own client and server at both ends of the server.</summary>
internal sealed class OpenSslTests
{
    private const string Header = "<134>1 2026-11-22T06:13:25.123456+00:00 edge app 17 - - ";

    [TestCase(false, "-tls1_2")]
    [TestCase(true, "-tls1_2")]
    [TestCase(true, "-tls1_3")]
    public void Every_byte_passes_from_s_client_to_s_server(bool clientCertificates, string version)
    {
        using TempDirectory directory = new();
        CertificateAuthority? clients = clientCertificates ? TestCertificates.Authority : null;
        IssuedCertificate? client = clientCertificates ? TestCertificates.Client : null;
        using OpenSslServer peer = new(TestCertificates.WithIntermediate, clients, version);
        int port = FreePort.Next();
        using ServerProcess server = new ServerSetup(directory).ListenTls("in", port, clients)
            .Relay(peer.Port, client, "\"ControlCharacters\": \"keep\"").Start();

        byte[][] sent = [.. Samples.Frames(Header)];
        (int exitCode, string said) = OpenSsl.Send(port, Samples.OctetCounted(sent), TestCertificates.Authority, client, version);

        Assert.That(exitCode, Is.Zero, said);
        IReadOnlyList<byte[]> frames = peer.WaitForFrames(sent.Length);
        Assert.That(frames, Has.Count.EqualTo(sent.Length));
        for (int n = 0; n < sent.Length; n++)
        {
            RelayedFrame frame = RelayedFrame.Read(frames[n]);
            string text = Encoding.Latin1.GetString(sent[n])[Header.Length..].TrimStart(' ').TrimEnd('\n', '\r', '\0');
            Assert.That(frame, Is.EqualTo(new RelayedFrame(134, frame.Timestamp, "edge", "app", "17", ServerSetup.IntakeKey, text)));
        }
        LedgerAssert.Balances(server.Metrics());
    }

    [Test]
    public void Without_the_required_certificate_s_client_gets_nothing_in()
    {
        using TempDirectory directory = new();
        int port = FreePort.Next();
        using ServerProcess server = new ServerSetup(directory).ListenTls("in", port, TestCertificates.Authority).File("in.log").Start();

        byte[] message = Samples.OctetCounted([Encoding.ASCII.GetBytes(Header + "unknown")]);
        OpenSsl.Send(port, message, TestCertificates.Authority, client: null, "-tls1_2");
        OpenSsl.Send(port, message, TestCertificates.Authority, TestCertificates.UnknownClient);
        (int exitCode, string said) = OpenSsl.Send(
            port, Samples.OctetCounted([Encoding.ASCII.GetBytes(Header + "known")]), TestCertificates.Authority, TestCertificates.Client);

        Assert.That(exitCode, Is.Zero, said);
        string[] lines = LineFile.WaitForLines(directory["in.log"], 1);
        Assert.That(lines, Has.Length.EqualTo(1).And.All.EndsWith("known").And.None.EndsWith("unknown"));
        LedgerAssert.Balances(server.Metrics());
    }
}

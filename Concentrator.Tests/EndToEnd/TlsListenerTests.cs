using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>A TLS listener's certificates, and clients that do not keep to the protocol or to the time.</summary>
internal sealed class TlsListenerTests : ServerTests
{
    [Test]
    public void Replaced_certificate_files_are_used_and_broken_ones_are_said_and_not_used()
    {
        int port = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory, "server");
        ServerProcess server = Start(new
        {
            Listeners = new { tls = new { Address = $"tls://127.0.0.1:{port}", Tls = new { CertificateFile = certificate, KeyFile = key } } },
            Outputs = new { file = LogFile(Directory) },
        });
        using StreamSender old = StreamSender.Tls(port, SenderFraming.Lf, TestCertificates.Authority);
        TestCertificates.UnknownAuthority.WritePem(Directory, "server");
        Eventually.Holds(() => IsTrusted(port, TestCertificates.Stranger), "the new certificate is presented", null, server.Describe);
        server.WaitForLine($"certificate reloaded from {certificate}");
        Assert.That(IsTrusted(port, TestCertificates.Authority), Is.False, "the old one no longer is");
        old.Send(Lines.Message("over the old connection"));
        WaitForLines(Directory["out.log"], 1);

        // As in the middle of a renewal: a certificate whose key has not been written yet.
        TestCertificates.Expired.WritePem(Directory, "renewed");
        File.Copy(Directory["renewed.crt"], certificate, overwrite: true);
        Eventually.Holds(
            () =>
            {
                Assert.That(IsTrusted(port, TestCertificates.Stranger), "the old certificate stays");
                return server.LogLines.Any(static line => line.Contains("certificate not reloaded", StringComparison.Ordinal));
            },
            "the mismatch is said", null, server.Describe);
        Assert.That(IsTrusted(port, TestCertificates.Stranger), "and stays");

        File.WriteAllText(certificate, "no certificate at all");
        File.Delete(key);
        Assert.That(Eventually.TryHold(() => !IsTrusted(port, TestCertificates.Stranger), TimeSpan.FromSeconds(1.5)), Is.False, server.Describe());
        Assert.That(server.Log, Does.Not.Contain("reading failed"));

        TestCertificates.Server.WritePem(Directory, "server");
        Eventually.Holds(() => IsTrusted(port, TestCertificates.Authority), "good files are used again", null, server.Describe);
    }

    [Test]
    public void Clients_that_do_not_finish_or_do_not_begin_are_cut_and_the_listener_goes_on()
    {
        int tls = FreePort.Next(), tcp = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory, "server");
        ServerProcess server = Start(new
        {
            Listeners = new
            {
                tls = new
                {
                    Address = $"tls://127.0.0.1:{tls}",
                    IdleTimeout = "00:00:02",
                    Tls = new { CertificateFile = certificate, KeyFile = key, HandshakeTimeout = "00:00:01" },
                },
                tcp = new { Address = $"tcp://127.0.0.1:{tcp}", IdleTimeout = "00:00:01" },
            },
            Outputs = new { file = LogFile(Directory) },
        });

        using Socket silent = Connect(tls);
        using Socket half = Connect(tls);

        // The first bytes of a ClientHello that promises 512.
        half.Send([0x16, 3, 1, 2, 0, 1, 0, 1, 0xFC, 3, 3]);
        using Socket idle = Connect(tcp);
        using StreamSender idleOverTls = StreamSender.Tls(tls, SenderFraming.Lf, TestCertificates.Authority);
        idleOverTls.Send(Lines.Message("before the silence"));
        SocketAssert.IsReset(silent);
        SocketAssert.IsReset(half);
        server.WaitForLine("not finished within 1 s");
        SocketAssert.IsReset(idle);
        Assert.That(idleOverTls.WaitForClose());

        using Socket plain = Connect(tls);
        plain.Send("<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - not TLS at all\n"u8);
        SocketAssert.IsEnded(plain);
        using Socket nothing = Connect(tls);
        nothing.Shutdown(SocketShutdown.Send);
        SocketAssert.IsEnded(nothing);
        using StreamSender good = StreamSender.Tls(tls, SenderFraming.Lf, TestCertificates.Authority);
        good.Send(Lines.Message("good"));
        Assert.That(WaitForLines(Directory["out.log"], 2), Has.Count.EqualTo(2).And.None.Contains("not TLS"));
        Assert.That(server.Log, Does.Not.Contain("reading failed"));
    }

    private static bool IsTrusted(int port, CertificateAuthority authority)
    {
        try
        {
            using StreamSender sender = StreamSender.Tls(port, SenderFraming.Lf, authority);
            return true;
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            return false;
        }
    }

    private static Socket Connect(int port)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }
}

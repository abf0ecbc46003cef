using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Concentrator.Messages.FrameScanning;
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
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        ServerProcess server = Start(new
        {
            Listeners = new { tls = new { Address = $"tls://127.0.0.1:{port}", Tls = new { CertificateFile = certificate, KeyFile = key } } },
            Outputs = new { file = LogFile(Directory) },
        });
        using StreamSender old = StreamSender.Tls(port, Framing.Lf, TestCertificates.Authority);
        TestCertificates.UnknownAuthority.WritePem(Directory.Path, "server");
        Eventually.Holds(() => IsTrusted(port, TestCertificates.Stranger), "the new certificate is presented", null, server.Describe);
        server.WaitForLine($"certificate reloaded from {certificate}");
        Assert.That(IsTrusted(port, TestCertificates.Authority), Is.False, "the old one no longer is");
        old.Send(Lines.Message("over the old connection"));
        WaitForLines(Directory["out.log"], 1);

        // As in the middle of a renewal: a certificate whose key has not been written yet.
        TestCertificates.Expired.WritePem(Directory.Path, "renewed");
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
        Assert.That(server.Log, Does.Not.Contain("read failed"));

        TestCertificates.Server.WritePem(Directory.Path, "server");
        Eventually.Holds(() => IsTrusted(port, TestCertificates.Authority), "good files are used again", null, server.Describe);
    }

    [TestCase("")]
    [TestCase("no certificate at all\n")]
    public void A_file_of_client_authorities_without_any_is_said_and_the_old_ones_stay(string text)
    {
        int port = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        string authorities = TestCertificates.Authority.WritePem(Directory.Path, "clients.crt");
        ServerProcess server = Start(new
        {
            Listeners = new
            {
                tls = new { Address = $"tls://127.0.0.1:{port}", Tls = new { CertificateFile = certificate, KeyFile = key, ClientCaFile = authorities } },
            },
            Outputs = new { file = LogFile(Directory) },
        });
        Send("before");
        WaitForLines(Directory["out.log"], 1);
        File.WriteAllText(authorities, text);
        Eventually.Holds(
            () =>
            {
                Send("while it is empty");
                return server.LogLines.Any(l => l.Contains($"the old one stays in use: {authorities} contains no certificate", StringComparison.Ordinal));
            },
            "the empty file is said", null, server.Describe);
        int lines = File.ReadAllLines(Directory["out.log"]).Length;
        Send("after it was said");
        WaitForLines(Directory["out.log"], lines + 1);

        void Send(string message)
        {
            try
            {
                using StreamSender sender = StreamSender.Tls(port, Framing.Lf, TestCertificates.Authority, client: TestCertificates.Client);
                sender.Send(Lines.Message(message));
            }
            catch (Exception refused) when (refused is AuthenticationException or IOException)
            {
                // Its line does not arrive.
            }
        }
    }

    [Test]
    public void An_intermediate_certificate_as_the_client_CA_file_lets_its_clients_in_and_no_others()
    {
        int port = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        CertificateAuthority intermediate = TestCertificates.Stranger.Intermediate("Strange Intermediate");
        ServerProcess server = Start(new
        {
            Listeners = new
            {
                tls = new
                {
                    Address = $"tls://127.0.0.1:{port}",
                    Tls = new { CertificateFile = certificate, KeyFile = key, ClientCaFile = intermediate.WritePem(Directory.Path, "clients.crt") },
                },
            },
            Outputs = new { file = LogFile(Directory) },
        });
        foreach (IssuedCertificate stranger in new[] { TestCertificates.UnknownClient, TestCertificates.Client })
        {
            try
            {
                using StreamSender refused = StreamSender.Tls(port, Framing.Lf, TestCertificates.Authority, client: stranger);
                refused.Send(Lines.Message("must not arrive"));
                Assert.That(refused.WaitForClose(), "the server ends the connection");
            }
            catch (Exception e) when (e is AuthenticationException or IOException)
            {
                // TLS 1.3: whether the client learns it from its hand-shake, its first write or its first read is a matter of luck.
            }
        }
        using StreamSender sender = StreamSender.Tls(port, Framing.Lf, TestCertificates.Authority, client: intermediate.IssueClient("client"));
        sender.Send(Lines.Message("of the intermediate's client"));
        Assert.That(WaitForLines(Directory["out.log"], 1), Has.One.Contains("of the intermediate's client"), server.Describe());
    }

    [Test]
    public void Clients_that_do_not_finish_or_do_not_begin_are_cut_and_the_listener_goes_on()
    {
        int tls = FreePort.Next(), tcp = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
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
        using StreamSender idleOverTls = StreamSender.Tls(tls, Framing.Lf, TestCertificates.Authority);
        idleOverTls.Send(Lines.Message("before the silence"));
        SocketAssert.IsReset(silent);
        SocketAssert.IsReset(half);
        server.WaitForLine("not completed within 1 s");
        SocketAssert.IsReset(idle);
        Assert.That(idleOverTls.WaitForClose());

        using Socket plain = Connect(tls);
        plain.Send("<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - not TLS at all\n"u8);
        SocketAssert.IsEnded(plain);
        using Socket nothing = Connect(tls);
        nothing.Shutdown(SocketShutdown.Send);
        SocketAssert.IsEnded(nothing);
        using StreamSender good = StreamSender.Tls(tls, Framing.Lf, TestCertificates.Authority);
        good.Send(Lines.Message("good"));
        Assert.That(WaitForLines(Directory["out.log"], 2), Has.Count.EqualTo(2).And.None.Contains("not TLS"));
        Assert.That(server.Log, Does.Not.Contain("read failed"));
    }

    [Test]
    public void A_client_may_connect_long_before_it_has_something_to_say()
    {
        int port = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        ServerProcess server = Start(new
        {
            Listeners = new
            {
                tls = new
                {
                    Address = $"tls://127.0.0.1:{port}",
                    Tls = new { CertificateFile = certificate, KeyFile = key, HandshakeTimeout = "00:00:00.5" },
                },
            },
            Outputs = new { file = LogFile(Directory) },
        });
        Socket silent = Connect(port);
        Assert.That(Eventually.TryHold(() => silent.Poll(0, SelectMode.SelectRead), TimeSpan.FromSeconds(2)), Is.False, "nothing ends it");
        using StreamSender late = StreamSender.Tls(silent, Framing.Lf, TestCertificates.Authority);
        late.Send(Lines.Message("late"));
        WaitForLines(Directory["out.log"], 1);
        Assert.That(server.Log, Does.Not.Contain("handshake"));
    }

    [Test]
    public void A_silent_TLS_client_does_not_hold_up_a_stop()
    {
        int port = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        ServerProcess server = Start(new
        {
            Listeners = new { tls = new { Address = $"tls://127.0.0.1:{port}", Tls = new { CertificateFile = certificate, KeyFile = key } } },
            Outputs = new { file = LogFile(Directory) },
            ShutdownTimeout = "00:01:00",
        });
        using Socket silent = Connect(port);
        using StreamSender other = StreamSender.Tls(port, Framing.Lf, TestCertificates.Authority);
        other.Send(Lines.Message("first"));
        WaitForLines(Directory["out.log"], 1);
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(server.Log, Does.Not.Contain("handshake"));
    }

    private static bool IsTrusted(int port, CertificateAuthority authority)
    {
        try
        {
            using StreamSender sender = StreamSender.Tls(port, Framing.Lf, authority);
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

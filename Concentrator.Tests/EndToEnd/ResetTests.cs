using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>
/// A sender that only writes ends its connection with a reset more often than it knows: closing over unread TLS session
/// tickets is one. What the kernel had received before is still readable, and must arrive.
/// </summary>
internal sealed class ResetTests : ServerTests
{
    private const int Count = 100;
    private const int Rounds = 10;

    [TestCase(false)]
    [TestCase(true)]
    public void What_was_sent_before_a_reset_arrives(bool overTls)
    {
        int port = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        object listener = overTls
            ? new { Address = $"tls://127.0.0.1:{port}", Tls = new { CertificateFile = certificate, KeyFile = key } }
            : new { Address = $"tcp://127.0.0.1:{port}" };
        ServerProcess server = Start(new { Listeners = new { stream = listener }, Outputs = new { file = LogFile(Directory) } });
        for (int round = 0; round < Rounds; round++)
        {
            using StreamSender sender = overTls
                ? StreamSender.Tls(port, Framing.Lf, TestCertificates.Authority)
                : StreamSender.Tcp(port, Framing.Lf);
            sender.Send(NumberedMessage.HttpLog, round * Count, 1);
            WaitForLines(Directory["out.log"], (round * Count) + 1);

            // A stopped server leaves all of it, and the reset behind it, to its kernel.
            server.Send(Signal.Stop);
            sender.Send(NumberedMessage.HttpLog, (round * Count) + 1, Count - 1);
            sender.Reset();
            server.Send(Signal.Cont);
            WaitForLines(Directory["out.log"], (round + 1) * Count);
        }
    }

    [TestCase("<134>Nov 22 06:13:25 edge app[1]: unfinis", TestName = "A_line_that_is_unfinished_at_a_reset_is_delivered_and_counted")]
    [TestCase("99 <134>Nov 22 06:13:25 edge app[1]: unfinis", TestName = "A_counted_message_that_is_unfinished_at_a_reset_is_delivered_and_counted")]
    public void Unfinished_at_a_reset(string bytes)
    {
        int port = FreePort.Next();
        ServerProcess server = Start(new
        {
            Listeners = new { stream = new { Address = $"tcp://127.0.0.1:{port}" } },
            Outputs = new { file = LogFile(Directory) },
        });
        using StreamSender sender = StreamSender.Tcp(port, Framing.Lf);
        sender.SendRaw(Encoding.ASCII.GetBytes(bytes));
        sender.Reset();
        Assert.That(WaitForLines(Directory["out.log"], 1)[0], Does.EndWith("edge app[1]: unfinis"));
        server.WaitForMetrics(m => m.Sum("concentrator_truncated_messages_total") == 1, "counted as truncated");
    }

    [Test]
    public void A_line_that_is_unfinished_when_we_cut_a_silent_connection_is_delivered_and_counted()
    {
        int port = FreePort.Next();
        ServerProcess server = Start(new
        {
            Listeners = new { stream = new { Address = $"tcp://127.0.0.1:{port}", IdleTimeout = "00:00:01" } },
            Outputs = new { file = LogFile(Directory) },
        });
        using StreamSender sender = StreamSender.Tcp(port, Framing.Lf);
        sender.SendRaw("<134>Nov 22 06:13:25 edge app[1]: unfinis"u8);
        Assert.That(WaitForLines(Directory["out.log"], 1)[0], Does.EndWith("edge app[1]: unfinis"));
        server.WaitForMetrics(m => m.Sum("concentrator_truncated_messages_total") == 1, "counted as truncated");
    }

    /// <summary>Each closes over the session tickets that it has not read, so its kernel sends a reset.</summary>
    [Test]
    public void Programs_that_send_one_line_over_TLS_without_its_end_and_close_are_all_heard()
    {
        const int Programs = 300;
        int port = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        ServerProcess server = Start(new
        {
            Listeners = new { tls = new { Address = $"tls://127.0.0.1:{port}", Tls = new { CertificateFile = certificate, KeyFile = key } } },
            Outputs = new { file = LogFile(Directory) },
        });
        Script.Python(
            """
            import socket, ssl, sys, time
            context = ssl.create_default_context(cafile=sys.argv[2])
            for i in range(int(sys.argv[3])):
                s = context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname="localhost")
                s.send(b"<134>Nov 22 06:13:25 edge app[1]: one shot %d" % i)
                time.sleep(0.01)  # the tickets come meanwhile
                s.close()
            """,
            $"{port}", TestCertificates.Authority.WritePem(Directory.Path, "ca.crt"), $"{Programs}");
        IReadOnlyList<string> lines = WaitForLines(Directory["out.log"], Programs);
        Assert.That(lines.Select(static line => line.Split(' ')[^1]).Distinct().Count(), Is.EqualTo(Programs), server.Describe());
    }
}

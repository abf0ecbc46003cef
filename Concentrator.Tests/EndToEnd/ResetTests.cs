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
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory, "server");
        object listener = overTls
            ? new { Address = $"tls://127.0.0.1:{port}", Tls = new { CertificateFile = certificate, KeyFile = key } }
            : new { Address = $"tcp://127.0.0.1:{port}" };
        ServerProcess server = Start(new { Listeners = new { stream = listener }, Outputs = new { file = LogFile(Directory) } });
        for (int round = 0; round < Rounds; round++)
        {
            using StreamSender sender = overTls
                ? StreamSender.Tls(port, SenderFraming.Lf, TestCertificates.Authority)
                : StreamSender.Tcp(port, SenderFraming.Lf);
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
}

using System.Text;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>A relay whose messages end with LF, to a listener that reads lines alone.</summary>
internal sealed class LineRelayTests : ServerTests
{
    private const int Count = 5000;

    [Test]
    public void Every_message_is_a_line_at_the_other_end_and_none_can_be_forged()
    {
        int port = FreePort.Next();
        using TempDirectory there = new();
        ServerProcess receiver = Start(
            new
            {
                Listeners = new { lines = new { Address = $"tcp://127.0.0.1:{port}", Framing = "lf" } },
                Outputs = new { file = LogFile(there) },
            },
            there);
        ServerProcess sender = Start(new
        {
            Listeners = new { dgram = new { Address = $"unix-dgram:{Directory.Socket("log")}" } },
            Outputs = new { relay = new { Type = "syslog-tcp", Endpoint = $"127.0.0.1:{port}", Format = "raw", Framing = "lf" } },
        });
        using DatagramSender local = DatagramSender.Unix(Directory["log"]);
        local.Send(Encoding.ASCII.GetBytes("<134>Nov 22 05:38:11 haproxy[1]: one\n<128>Nov 22 05:38:11 forged[1]: two"));
        for (int sent = 0; sent < Count; sent += 500)
        {
            local.Send(NumberedMessage.HttpLog, sent, 500);
            int expected = sent + 501;
            receiver.WaitForMetrics(m => m.Sum("concentrator_received_messages_total") >= expected, $"{expected} messages at the receiver");
        }
        IReadOnlyList<string> lines = WaitForLines(there["out.log"], Count + 1);
        Assert.That(lines, Has.Count.EqualTo(Count + 1));
        Assert.That(lines[0], Does.EndWith("haproxy[1]: one#012<128>Nov 22 05:38:11 forged[1]: two"));
        sender.WaitForMetrics(m => m.Sum("concentrator_output_delivered_messages_total") == Count + 1, "all is acknowledged");
        LedgerAssert.Balances(sender.Metrics());
        LedgerAssert.Balances(receiver.Metrics());
    }
}

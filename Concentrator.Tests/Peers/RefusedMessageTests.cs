using System.Text;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>A real receiver whose limit nobody foresaw.</summary>
internal sealed class RefusedMessageTests : ServerTests
{
    private const string Header = "<13>1 2026-11-22T06:13:25Z host app - - - ";

    /// <summary>syslog-ng 3.38 and 4.12 close the connection at a frame above their log-msg-size, and drop what is behind it there.</summary>
    [TestCase("")]
    [TestCase("SID")]
    public void A_message_that_syslog_ng_closes_at_is_put_aside_and_all_others_arrive(string suite)
    {
        using SyslogNg receiver = SyslogNg.ReceivingFrames(maxMessage: 8_192, suite);
        ServerProcess server = Start(new
        {
            Listeners = new { @in = new { Address = $"unix-dgram:{Directory.Socket("in")}" } },
            Outputs = new { relay = new { Type = "syslog-tcp", Endpoint = $"127.0.0.1:{receiver.Port}" } },
        });
        string large = "large " + new string('x', 20_000);
        using UnixDatagramSender sender = new(Directory.Socket("in"));
        foreach (string text in new[] { "first", large, "last" }) sender.Send(Encoding.ASCII.GetBytes(Header + text));

        Eventually.Holds(() => server.Log.Contains("refuses a message of"), "the message is put aside", Deadline.Transfer, receiver.Describe);
        Eventually.Holds(() => receiver.Lines().Contains("last"), "the last message arrives", Deadline.Transfer, receiver.Describe);
        sender.Send(Encoding.ASCII.GetBytes(Header + "behind"));
        MetricsSnapshot metrics = server.WaitForMetrics(
            static m => m.Sum("concentrator_output_dropped_messages_total", ("reason", "refused")) == 1 && m.Sum("concentrator_output_queued_messages") == 0,
            "it is counted", Deadline.Transfer);
        Assert.That(metrics.Sum("concentrator_output_delivered_messages_total"), Is.EqualTo(3));
        LedgerAssert.Balances(metrics);
        Eventually.Holds(() => receiver.Lines().Contains("behind"), "what follows arrives", detail: receiver.Describe);
        Assert.That(receiver.Lines().Distinct(), Is.EquivalentTo(new[] { "first", "last", "behind" }));
        Assert.That(receiver.Lines().Count(static m => m == "first"), Is.LessThan(15), "not for ever");

        string spool = Directory["spool"];
        (int exitCode, string listed, string errors) = ServerProcess.Run(Directory, "spool", "refused", "--directory", spool);
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(listed, Does.Match(@"^relay: \S+/spool/relay/refused/\S+\.frame, 20\d\d\d bytes: 200\d\d <13>1 .* large xxx"));
        (exitCode, string exported, _) = ServerProcess.Run(Directory, "spool", "export", "--refused", "--directory", spool);
        Assert.That((exitCode, exported.TrimEnd('\n').Split(' ')[^2..]), Is.EqualTo((0, large.Split(' '))));
    }
}

using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;
using Concentrator.Messages.Parsing;
using Concentrator.Tools.Commands;
using Concentrator.Tools.Demo;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Commands;

/// <summary>The verdict over counts made by hand: true ones, and ones of which a single one lies.</summary>
internal sealed class DemoSummaryTests
{
    private const string File = "haproxy.log";
    private const string Relay = "intake";

    private static readonly SenderPlan Plan = new("udp", 'u', Transport.Udp, Framing.Auto, HeaderFormat.Local, 100);

    private static ListenerSnapshot Udp => new() { Name = "udp", Received = 1000, Routed = 1000, Malformed = 3 };

    private static DemoResult Balanced => new()
    {
        Elapsed = TimeSpan.FromSeconds(20),
        Senders = [new SenderResult(Plan, 1000, 3, null)],
        Listeners = [Udp],
        Outputs = [Output(File, 1000, 1000), Output(Relay, 1000, 1000)],
        File = new Arrival(1000, 1000, 0, 0, 0),
        Intake = new IntakeResult(new Arrival(1012, 1000, 0, 12, 0), 0, 0, 2),
        Example = new Example('u', 0),
    };

    private static IEnumerable<TestCaseData> Lies()
    {
        DemoResult b = Balanced;
        yield return Lie("the sender's count", b with { Senders = [new(Plan, 1001, 3, null)] }, "received 1,000 of 1,001 sent");
        yield return Lie("malformed", b with { Senders = [new(Plan, 1000, 4, null)] }, "3 malformed of 4");
        yield return Lie("a sender's failure", b with { Senders = [new(Plan, 1000, 3, "broken pipe")] }, "gave up: broken pipe");
        yield return Lie(
            "the listener's count", b with { Listeners = [Udp with { Received = 993, Routed = 993, KernelDropped = 7 }] },
            "listener udp received 993 of 1,000 sent (the kernel dropped 7)");
        yield return Lie("the listener's balance", b with { Listeners = [Udp with { Routed = 999 }] }, "received does not equal routed + unrouted");
        yield return Lie("unrouted", b with { Listeners = [Udp with { Routed = 999, Unrouted = 1 }] }, "no route for 1");
        yield return Lie(
            "delivered", b with { Outputs = [Output(File, 1000, 1000), Output(Relay, 1000, 998)] }, "output intake delivered 998 of 1,000");
        yield return Lie(
            "accepted", b with { Outputs = [Output(File, 999, 999), Output(Relay, 1000, 1000)] }, "haproxy.log accepted 999 of 1,000");
        yield return Lie("missing in the file", b with { File = new(999, 999, 1, 0, 0) }, "1 of 1,000 sent are missing at the file");
        yield return Lie("twice in the file", b with { File = new(1001, 1000, 0, 1, 0) }, "the file contains 1 lines twice");
        yield return Lie("strange lines", b with { File = new(1001, 1000, 0, 0, 1) }, "the file contains 1 lines that were not sent");
        yield return Lie(
            "missing at the intake", b with { Intake = b.Intake with { Frames = new(998, 998, 2, 0, 0) } },
            "2 of 1,000 sent are missing at the intake");
        yield return Lie("the key", b with { Intake = b.Intake with { WithoutKey = 5 } }, "5 frames without its key");
        yield return Lie("the framing", b with { Intake = b.Intake with { BrokenStreams = 1 } }, "framing on 1 connections");
    }

    [Test]
    public void Counts_that_agree_are_balanced_and_duplicates_at_the_intake_are_only_shown()
    {
        (int exit, string shown) = Conclude(Balanced);

        Assert.That(exit, Is.EqualTo(ExitCodes.Success), shown);
        Assert.That(shown, Does.Contain("\nBALANCED: 1,000 messages sent, 1,000 in the file, 1,000 at the intake"));
        Assert.That(shown, Does.Match("frames at the intake +1,012 +1,000 +0 +12"));
    }

    [TestCaseSource(nameof(Lies))]
    public void A_number_that_is_off_is_named_and_makes_the_exit_code_1(object result, string named)
    {
        (int exit, string shown) = Conclude((DemoResult)result);

        Assert.That(exit, Is.EqualTo(1));
        Assert.That(shown, Does.Contain("\nNOT BALANCED: ").And.Contain(named));
    }

    [Test]
    public void An_interrupted_demo_that_balances_ends_with_130() =>
        Assert.That(Conclude(Balanced with { Interrupted = true }).Exit, Is.EqualTo(130));

    private static (int Exit, string Shown) Conclude(DemoResult result)
    {
        using StringWriter output = new() { NewLine = "\n" };
        int exit = DemoCommand.Conclude(result, output);
        return (exit, output.ToString());
    }

    private static TestCaseData Lie(string name, DemoResult result, string named) =>
        new TestCaseData(result, named).SetArgDisplayNames(name);

    private static OutputSnapshot Output(string name, long accepted, long delivered) => new()
    {
        Name = name,
        IsRelay = name == Relay,
        Accepted = accepted,
        Delivered = delivered,
        Queued = accepted - delivered,
        Dropped = new long[DropReasons.All.Length],
    };
}

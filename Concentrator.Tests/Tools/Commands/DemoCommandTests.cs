using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using Concentrator.Tools.Demo;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Commands;

/// <summary>The whole demo, only shorter.</summary>
internal sealed partial class DemoCommandTests
{
    private static readonly DemoPlan Short = DemoPlan.Default with
    {
        Calm = TimeSpan.FromSeconds(0.3),
        Outage = TimeSpan.FromSeconds(0.3),
        After = TimeSpan.FromSeconds(0.3),
    };

    [Test]
    public async Task The_demo_ends_by_itself_with_a_summary_that_balances_and_leaves_nothing_behind()
    {
        using StringWriter output = new();

        int exit = await DemoCommand.ExecuteAsync(Short, output, CancellationToken.None);

        string shown = output.ToString();
        Assert.That(exit, Is.Zero, shown);
        Assert.That(shown, Does.Contain("\nBALANCED: "));
        Assert.That(shown, Does.Contain("the relay without a connection"), "the outage came about");
        string directory = DirectoryName().Match(shown).Value;
        Assert.That(directory, Is.Not.Empty);
        Assert.That(directory, Does.Not.Exist);
    }

    [Test]
    public async Task The_numbers_shown_are_the_same_at_every_place()
    {
        using StringWriter output = new();
        await DemoCommand.ExecuteAsync(Short, output, CancellationToken.None);

        Match verdict = Verdict().Match(output.ToString());

        Assert.That(verdict.Success, output.ToString());
        Assert.That(verdict.Groups["sent"].Value, Is.Not.EqualTo("0"));
        Assert.That(verdict.Groups["file"].Value, Is.EqualTo(verdict.Groups["sent"].Value));
        Assert.That(verdict.Groups["intake"].Value, Is.EqualTo(verdict.Groups["sent"].Value));
    }

    [Test]
    public async Task One_message_is_shown_in_three_forms_and_the_intake_key_in_none()
    {
        using StringWriter output = new();
        await DemoCommand.ExecuteAsync(Short, output, CancellationToken.None);

        string shown = output.ToString();
        Assert.That(shown, Does.Match("as HAProxy sent it +<134>.*demo=h"));
        Assert.That(shown, Does.Match("in the file +[A-Z][a-z][a-z] .*demo=h"));
        Assert.That(shown, Does.Match("at the intake +[0-9]+ <134>1 .* LOG \\[SEKOIA@53288 intake_key=\"demo…\"\\] .*demo=h"));
        Assert.That(shown, Does.Not.Match("demo[a-z0-9]{12}"));
    }

    [Test]
    public async Task Told_to_stop_it_delivers_what_was_sent_and_sums_up()
    {
        using AttentiveWriter output = new("received ");
        using CancellationTokenSource stop = new();
        DemoPlan endless = Short with { Calm = TimeSpan.FromHours(1) };
        Task<int> demo = DemoCommand.ExecuteAsync(endless, output, stop.Token);
        await output.Seen.WaitAsync(Deadline.Reaction);

        await stop.CancelAsync();

        Assert.That(await demo, Is.EqualTo(130));
        Assert.That(output.ToString(), Does.Contain("Interrupted after").And.Contain("\nBALANCED: "));
    }

    [Test]
    public async Task The_machine_keeps_its_settings_and_a_short_queue_loses_nothing()
    {
        using SysctlGuard queue = SysctlGuard.Set(SysctlGuard.DatagramQueue, 10);
        using StringWriter output = new();

        int exit = await DemoCommand.ExecuteAsync(Short, output, CancellationToken.None);

        Assert.That(exit, Is.Zero, output.ToString());
        Assert.That(File.ReadAllText("/proc/sys/net/unix/max_dgram_qlen").Trim(), Is.EqualTo("10"));
    }

    /// <summary>Says when a certain text is written.</summary>
    private sealed class AttentiveWriter(string awaited) : StringWriter
    {
        private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Seen => _seen.Task;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (value?.Contains(awaited, StringComparison.Ordinal) == true) _seen.TrySetResult();
        }
    }

    [GeneratedRegex("/[^ ]*concentrator-demo-[^ ]*")]
    private static partial Regex DirectoryName();

    [GeneratedRegex(
        @"^BALANCED: (?<sent>[\d,]+) messages sent, (?<file>[\d,]+) in the file, (?<intake>[\d,]+) at the intake",
        RegexOptions.Multiline)]
    private static partial Regex Verdict();
}

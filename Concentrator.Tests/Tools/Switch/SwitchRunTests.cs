using Concentrator.Tests.Equipment;
using Concentrator.Tools.Switch;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Switch;

/// <summary>The order of doing and undoing, and what another process finds in the journal.</summary>
internal sealed class SwitchRunTests
{
    private static readonly string[] Names = ["one", "two", "three", "four"];

    private static readonly SwitchPlace Place = new("/var/lib/haproxy", "/dev/log", IsOwnName: false);

    private readonly List<string> _happened = [];
    private TempDirectory _temp = null!;
    private StringWriter _output = null!;

    private string State => _temp["lib/switch.json"];

    [SetUp]
    public void Make()
    {
        _temp = new TempDirectory();
        _output = new StringWriter { NewLine = "\n" };
        _happened.Clear();
    }

    [TearDown]
    public void Remove()
    {
        _output.Dispose();
        _temp.Dispose();
    }

    [Test]
    public async Task Steps_are_done_in_order_and_noted_for_another_process()
    {
        Assert.That(await Run(SwitchJournal.Create(State, Place)).DoAsync(Steps(), CancellationToken.None));
        Assert.That(_happened, Is.EqualTo(["do one", "do two", "do three", "do four"]));
        Assert.That(File.GetUnixFileMode(State), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        SwitchJournal read = SwitchJournal.Read(State)!;
        Assert.Multiple(() =>
        {
            Assert.That(read.IsFinished);
            Assert.That(read.Place, Is.EqualTo(Place));
            Assert.That(read.Entries.Select(static entry => entry.Step), Is.EqualTo(Names));
            Assert.That(read.Entries.Select(static entry => entry["note"]), Is.EqualTo(["of one", "of two", "of three", "of four"]));
        });

        _happened.Clear();
        Assert.That(await Run(read).UndoAsync(keep: 0));
        Assert.That(_happened, Is.EqualTo(["undo four", "undo three", "undo two", "undo one"]));
        Assert.That(File.Exists(State), Is.False);
    }

    [Test]
    public async Task Whichever_step_fails_it_and_those_before_it_are_undone_the_last_first([Range(0, 3)] int failing)
    {
        Assert.That(await Run(SwitchJournal.Create(State, Place)).DoAsync(Steps(failing), CancellationToken.None), Is.False);
        string[] begun = Names[..(failing + 1)];
        Assert.That(_happened, Is.EqualTo(begun.Select(static name => $"do {name}").Concat(begun.Reverse().Select(static name => $"undo {name}"))));
        Assert.That(File.Exists(State), Is.False);
        Assert.That(_output.ToString(), Does.Contain($"FAILED  {failing + 1}. step {Names[failing]}: it is Sunday").And.EndWith("Everything is as it was before.\n"));
    }

    [Test]
    public async Task What_an_earlier_run_has_done_stays_done()
    {
        Assert.That(await Run(SwitchJournal.Create(State, Place)).DoAsync(Steps()[..2], CancellationToken.None));
        Assert.That(await Run(SwitchJournal.Read(State)!).DoAsync(Steps(3)[2..], CancellationToken.None), Is.False);
        Assert.That(_happened[4..], Is.EqualTo(["undo four", "undo three"]));
        SwitchJournal left = SwitchJournal.Read(State)!;
        Assert.That(left.Entries.Select(static entry => entry.Step), Is.EqualTo(["one", "two"]));
        Assert.That(left.IsFinished);
    }

    [Test]
    public async Task A_stop_undoes_too()
    {
        using CancellationTokenSource stop = new();
        SwitchStep[] steps = Steps();
        ((FakeStep)steps[1]).Meanwhile = stop.Cancel;
        Assert.That(await Run(SwitchJournal.Create(State, Place)).DoAsync(steps, stop.Token), Is.False);
        Assert.That(_happened, Is.EqualTo(["do one", "do two", "undo two", "undo one"]));
        Assert.That(_output.ToString(), Does.Contain("stop requested"));
    }

    [Test]
    public async Task A_step_that_cannot_be_undone_ends_the_way_back_and_the_rest_can_be_taken_back_later()
    {
        SwitchJournal journal = SwitchJournal.Create(State, Place);
        Assert.That(await Run(journal).DoAsync(Steps(), CancellationToken.None));
        _happened.Clear();
        Assert.That(await Run(journal, "three").UndoAsync(keep: 0), Is.False);
        Assert.That(_happened, Is.EqualTo(["undo four", "undo three"]));
        Assert.That(_output.ToString(), Does.Contain("FAILED  three back: it is Sunday").And.Contain("concentrator switch --back"));
        Assert.That(await Run(SwitchJournal.Read(State)!).UndoAsync(keep: 0));
        Assert.That(_happened[2..], Is.EqualTo(["undo three", "undo two", "undo one"]));
    }

    [Test]
    public void A_run_that_was_killed_leaves_an_unfinished_journal_with_the_step_that_it_had_begun()
    {
        SwitchJournal journal = SwitchJournal.Create(State, Place);
        journal.Begin("one");
        journal.Begin("two")["note"] = "half \"done\"\nfirst";
        SwitchJournal left = SwitchJournal.Read(State)!;
        Assert.That(left.IsFinished, Is.False);
        Assert.That(left.Entries[1]["note"], Is.EqualTo("half \"done\"\nfirst"));
    }

    [Test]
    public void A_journal_that_is_none_is_said()
    {
        _temp.Write("lib/switch.json", "{ \"chroot\": 1 }");
        Assert.That(() => SwitchJournal.Read(State), Throws.TypeOf<SwitchFailure>().With.Message.Contains(State));
        Assert.That(SwitchJournal.Read(_temp["none"]), Is.Null);
    }

    private SwitchRun Run(SwitchJournal journal, string? notUndone = null) =>
        new(journal, name => new FakeStep(name, _happened) { IsNotUndone = name == notUndone }, _output);

    private SwitchStep[] Steps(int? failing = null) =>
        [.. Names.Select((name, index) => new FakeStep(name, _happened) { Fails = index == failing })];

    private sealed class FakeStep(string name, List<string> happened) : SwitchStep
    {
        public bool Fails { get; init; }

        public bool IsNotUndone { get; init; }

        public Action? Meanwhile { get; set; }

        public override string Name => name;

        public override string Describe() => $"step {name}";

        public override string? DescribeBack(JournalEntry entry) => $"{name} back";

        public override Task<string> DoAsync(JournalEntry entry, CancellationToken stop)
        {
            happened.Add($"do {name}");
            entry["note"] = $"of {name}";
            Meanwhile?.Invoke();
            return Fails ? throw new SwitchFailure("it is Sunday") : Task.FromResult($"{name} done");
        }

        public override Task<string?> UndoAsync(JournalEntry entry, CancellationToken stop)
        {
            happened.Add($"undo {name}");
            return IsNotUndone ? throw new SwitchFailure("it is Sunday") : Task.FromResult<string?>(null);
        }
    }
}

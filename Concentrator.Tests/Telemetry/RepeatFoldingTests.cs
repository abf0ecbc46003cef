using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

public sealed class RepeatFoldingTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private ManualTimeProvider _clock = null!;
    private readonly List<Repeats<string>> _ended = [];
    private RepeatFolding<string> _folding = null!;

    [SetUp]
    public void Open()
    {
        _clock = new ManualTimeProvider();
        _ended.Clear();
        _folding = new RepeatFolding<string>(_clock, Window, capacity: 3);
    }

    [Test]
    public void The_first_event_is_shown_and_its_repeats_are_counted()
    {
        Assert.That(_folding.Admit("a", "a1", _ended), Is.True);
        Assert.That(_folding.Admit("a", "a2", _ended), Is.False);
        Assert.That(_folding.Admit("b", "b1", _ended), Is.True);
        Assert.That(_folding.Admit("a", "a3", _ended), Is.False);
        Assert.That(_ended, Is.Empty);

        _clock.Advance(Window);
        _folding.EndWindows(_ended);
        Assert.That(_ended, Is.EqualTo(new[] { new Repeats<string>("a3", 2, Window) }));
    }

    [Test]
    public void A_window_does_not_end_early()
    {
        _folding.Admit("a", "a1", _ended);
        _folding.Admit("a", "a2", _ended);
        _clock.Advance(Window - TimeSpan.FromTicks(1));
        _folding.EndWindows(_ended);
        Assert.That(_ended, Is.Empty);
        Assert.That(_folding.UntilNextShown, Is.EqualTo(TimeSpan.FromTicks(1)));
    }

    [Test]
    public void A_window_with_repeats_is_followed_by_another_and_one_without_is_forgotten()
    {
        _folding.Admit("a", "a1", _ended);
        _folding.Admit("a", "a2", _ended);
        _clock.Advance(Window);
        Assert.That(_folding.Admit("a", "a3", _ended), Is.False, "still repeating");
        _clock.Advance(Window);
        _folding.EndWindows(_ended);
        Assert.That(_ended.Select(static r => (r.Last, r.Count)), Is.EqualTo(new[] { ("a2", 1L), ("a3", 1L) }));

        _clock.Advance(Window);
        Assert.That(_folding.Admit("a", "a4", _ended), Is.True, "quiet for a window");
        Assert.That(_ended, Has.Count.EqualTo(2));
    }

    [Test]
    public void Nothing_is_waited_for_while_nothing_repeats()
    {
        Assert.That(_folding.UntilNextShown, Is.Null);
        _folding.Admit("a", "a1", _ended);
        Assert.That(_folding.UntilNextShown, Is.Null);
    }

    [Test]
    public void The_next_to_be_shown_is_the_first_window_with_repeats()
    {
        foreach (string key in new[] { "a", "b", "c" })
        {
            _folding.Admit(key, key, _ended);
            _clock.Advance(TimeSpan.FromSeconds(1));
        }
        _folding.Admit("c", "c2", _ended);
        Assert.That(_folding.UntilNextShown, Is.EqualTo(Window - TimeSpan.FromSeconds(1)));
        _folding.Admit("b", "b2", _ended);
        Assert.That(_folding.UntilNextShown, Is.EqualTo(Window - TimeSpan.FromSeconds(2)));
    }

    [Test]
    public void Beyond_its_capacity_the_oldest_window_ends_with_its_count()
    {
        _folding.Admit("a", "a1", _ended);
        _folding.Admit("a", "a2", _ended);
        _folding.Admit("b", "b1", _ended);
        _folding.Admit("c", "c1", _ended);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.That(_folding.Admit("d", "d1", _ended), Is.True);
        Assert.That(_ended, Is.EqualTo(new[] { new Repeats<string>("a2", 1, TimeSpan.FromSeconds(4)) }));
    }

    [Test]
    public void A_stop_ends_every_window()
    {
        foreach (string key in new[] { "a", "b", "a", "b", "b" }) _folding.Admit(key, key, _ended);
        _folding.EndAll(_ended);
        Assert.That(_ended.Select(static r => (r.Last, r.Count)), Is.EqualTo(new[] { ("a", 1L), ("b", 2L) }));
        Assert.That(_folding.UntilNextShown, Is.Null);
    }

    [Test]
    public void Every_event_is_shown_or_counted_exactly_once()
    {
        // Each step: an event of one of six kinds, then a pause of up to 7 s.
        Gen<(int Kind, int Pause)> step = Gen.Choose(0, 5).SelectMany(_ => Gen.Choose(0, 7), static (kind, pause) => (kind, pause));
        Prop.ForAll(step.ListOf().Select(static steps => steps.ToArray()).ToArbitrary(), static steps =>
        {
            ManualTimeProvider clock = new();
            RepeatFolding<int> folding = new(clock, Window, capacity: 3);
            List<Repeats<int>> ended = [];
            long[] told = new long[6];
            foreach ((int kind, int pause) in steps)
            {
                if (folding.Admit($"{kind}", kind, ended)) told[kind]++;
                clock.Advance(TimeSpan.FromSeconds(pause));
            }

            folding.EndAll(ended);
            foreach (Repeats<int> repeats in ended) told[repeats.Last] += repeats.Count;
            return told.Select(static (count, kind) => (count, kind)).All(t => t.count == steps.Count(s => s.Kind == t.kind));
        }).QuickCheckThrowOnFailure();
    }
}

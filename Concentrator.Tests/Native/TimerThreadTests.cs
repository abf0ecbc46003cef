using Concentrator.Native;
using NUnit.Framework;

namespace Concentrator.Tests.Native;

/// <summary>Timers on a thread of their own do what the framework's do.</summary>
[TestFixture]
internal sealed class TimerThreadTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private TimerThread _time = null!;

    [SetUp]
    public void Begin() => _time = new TimerThread();

    [TearDown]
    public void End() => _time.Dispose();

    [Test]
    public void A_timer_fires_once_after_its_time_and_can_be_set_again()
    {
        using SemaphoreSlim fired = new(0);
        long began = _time.GetTimestamp();
        using ITimer timer = _time.CreateTimer(_ => fired.Release(), null, Soon, Never);
        Assert.That(fired.Wait(Patience), Is.True);
        Assert.That(_time.GetElapsedTime(began), Is.GreaterThanOrEqualTo(Soon));
        Assert.That(timer.Change(Soon, Never), Is.True);
        Assert.That(fired.Wait(Patience), Is.True);
    }

    [Test]
    public void A_period_repeats_until_the_timer_is_disposed_even_by_its_own_callback()
    {
        using ManualResetEventSlim ended = new();
        int calls = 0;
        ITimer? timer = null;
        timer = _time.CreateTimer(
            _ =>
            {
                if (++calls < 3) return;
                timer!.Dispose();
                ended.Set();
            },
            null, Never, Never);
        timer.Change(Soon, Soon);
        Assert.That(ended.Wait(Patience), Is.True);
        Assert.That(timer.Change(Soon, Soon), Is.False);
        Assert.That(calls, Is.EqualTo(3));
    }

    [Test]
    public void The_earliest_fires_first_whichever_was_made_first()
    {
        using SemaphoreSlim fired = new(0);
        List<string> order = [];
        void Note(object? name)
        {
            order.Add((string)name!);
            fired.Release();
        }
        using ITimer late = _time.CreateTimer(Note, "late", 20 * Soon, Never);
        using ITimer never = _time.CreateTimer(Note, "never", TimeSpan.FromHours(1), Never);
        using ITimer early = _time.CreateTimer(Note, "early", TimeSpan.Zero, Never);
        Assert.That(fired.Wait(Patience) && fired.Wait(Patience), Is.True);
        Assert.That(order, Is.EqualTo(new[] { "early", "late" }));
    }

    [Test]
    public void A_timer_that_sets_itself_again_is_not_held_up()
    {
        using CountdownEvent calls = new(5);
        ITimer? timer = null;
        timer = _time.CreateTimer(_ => timer!.Change(calls.Signal() ? Never : Soon, Never), null, Never, Never);
        timer.Change(Soon, Never);
        Assert.That(calls.Wait(Patience), Is.True);
        timer.Dispose();
    }

    [Test]
    public void After_its_end_nothing_fires_and_nothing_can_be_set()
    {
        int calls = 0;
        ITimer timer = _time.CreateTimer(_ => calls++, null, TimeSpan.FromHours(1), Never);
        _time.Dispose();
        Assert.That(timer.Change(TimeSpan.Zero, Never), Is.False);
        Assert.That(calls, Is.Zero);
    }
}

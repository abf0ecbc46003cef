using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

/// <summary>When a loop is stuck and when it only waits; on virtual time.</summary>
internal sealed class LoopWatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ManualTimeProvider _time = new();
    private RunningLoops _loops = null!;
    private LoopMark _lane = null!;
    private LoopWatch _watch = null!;
    private TempDirectory _threads = null!;

    [SetUp]
    public void Begin()
    {
        _loops = new RunningLoops();
        _lane = new LoopMark("lane haproxy");
        _loops.Enter(_lane);
        _threads = new TempDirectory();
        _watch = new LoopWatch(_loops, Patience, _time, new BlockedThreads(_threads.Path));
    }

    [TearDown]
    public void End() => _threads.Dispose();

    [Test]
    public void A_loop_that_moves_is_alive_however_long_it_is_at_work() =>
        Assert.That(LookFor(20, _lane.Works), Is.All.Null);

    [Test]
    public void A_loop_that_stands_still_at_work_for_the_whole_time_is_named_until_it_moves()
    {
        Assert.That(LookFor(4), Is.EqualTo(new[] { null, null, "no progress for 30 s in lane haproxy", "no progress for 30 s in lane haproxy" }));
        _lane.Works();
        Assert.That(LookFor(2), Is.All.Null);
        Assert.That(LookFor(1), Is.All.Not.Null, "and again");
    }

    [Test]
    public void Every_loop_that_stands_still_is_named_and_no_other()
    {
        LoopMark spool = new("spool sekoia"), file = new("file haproxy.log");
        _loops.Enter(file);
        _loops.Enter(spool);
        Assert.That(LookFor(3, file.Works)[^1], Is.EqualTo("no progress for 30 s in lane haproxy, spool sekoia"));
    }

    [Test]
    public void A_loop_that_waits_may_wait_for_ever(
        [Values(LoopWait.Work, LoopWait.Room, LoopWait.Disk, LoopWait.Peer, LoopWait.Rate)] object wait)
    {
        _lane.Waits((LoopWait)wait);
        Assert.That(LookFor(20), Is.All.Null);
        _lane.Works();
        Assert.That(LookFor(3)[^1], Is.Not.Null, "what came is worked on, and that must move");
    }

    [Test]
    public void A_wait_that_is_over_leaves_the_loop_at_work()
    {
        using (_lane.While(LoopWait.Disk)) Assert.That(LookFor(20), Is.All.Null);
        Assert.That(LookFor(3)[^1], Is.Not.Null);
    }

    [Test]
    public void A_wait_within_a_wait_does_not_end_it()
    {
        using (_lane.While(LoopWait.Disk))
        {
            using (_lane.While(LoopWait.Disk))
            {
            }
            Assert.That(LookFor(20), Is.All.Null);
        }
        Assert.That(LookFor(3)[^1], Is.Not.Null);
    }

    [Test]
    public void A_loop_that_waits_for_what_has_come_is_stuck_as_one_at_work_is()
    {
        bool hasCome = false;
        LoopMark sleeper = new("lane udp") { HasCome = wait => wait == LoopWait.Work && hasCome };
        _loops.Leave(_lane);
        _loops.Enter(sleeper);
        sleeper.Waits(LoopWait.Work);
        Assert.That(LookFor(10), Is.All.Null);
        hasCome = true;
        Assert.That(LookFor(3), Is.EqualTo(new[] { null, null, "no progress for 30 s in lane udp" }), "from then on, and not from when it began to wait");
        sleeper.Waits(LoopWait.Room);
        Assert.That(LookFor(10), Is.All.Null, "another wait");
    }

    [Test]
    public void That_the_whole_process_was_stopped_for_a_while_is_not_held_against_its_loops()
    {
        Assert.That(LookFor(2), Is.All.Null);
        _lane.Works();
        LookFor(1);
        _time.Advance(10 * Patience);
        Assert.That(_watch.Look(), Is.Null);
        _lane.Works();
        Assert.That(LookFor(2), Is.All.Null);
    }

    [Test]
    public void A_loop_that_has_ended_is_forgotten()
    {
        LookFor(3);
        _loops.Leave(_lane);
        Assert.That(_watch.Look(), Is.Null);
    }

    [Test]
    public void While_the_kernel_holds_a_thread_for_a_disk_nobody_is_stuck([Values] bool isOfTheLoop)
    {
        // A relay has no thread of its own: it may be any.
        if (isOfTheLoop) _lane.Thread = 71;
        Hold(71, 'D');
        Assert.That(LookFor(20), Is.All.Null, "the lane may wait for what that thread has");
        Hold(71, 'S');
        Assert.That(LookFor(5)[^1], Is.EqualTo("no progress for 30 s in lane haproxy"));
    }

    [Test]
    public void A_loop_that_waits_for_its_disk_and_is_held_excuses_the_others()
    {
        LoopMark spool = new("spool sekoia") { Thread = 72 };
        _loops.Enter(spool);
        spool.Waits(LoopWait.Disk);
        Hold(72, 'D');
        Assert.That(LookFor(20), Is.All.Null, "the process could not even be ended");
    }

    [Test]
    public void A_loop_that_goes_on_excuses_nobody_though_a_disk_holds_it_at_every_look()
    {
        LoopMark spool = new("spool sekoia") { Thread = 72 };
        _loops.Enter(spool);
        Hold(72, 'D');
        Assert.That(LookFor(3, spool.Works)[^1], Is.EqualTo("no progress for 30 s in lane haproxy"));
    }

    [Test]
    public void A_thread_that_is_held_for_a_moment_excuses_nobody()
    {
        Assert.That(LookFor(2), Is.All.Null);
        Hold(73, 'D');
        Assert.That(_watch.Look(), Is.EqualTo("no progress for 30 s in lane haproxy"));
    }

    [Test]
    public void A_round_costs_no_allocation() => Assert.That(
        Allocation.InSteadyState(() =>
        {
            _lane.Works();
            using (_lane.While(LoopWait.Disk)) _lane.Waits(LoopWait.Work);
        }),
        Is.Zero);

    private void Hold(int thread, char state)
    {
        Directory.CreateDirectory(_threads[$"{thread}"]);
        _threads.Write($"{thread}/stat", $"{thread} (a thread) {state} 1 71 71 0");
    }

    /// <summary>What so many looks say, twice in each watchdog time; the loop's next round lies between two of them.</summary>
    private List<string?> LookFor(int looks, Action? between = null)
    {
        List<string?> said = [];
        for (int i = 0; i < looks; i++)
        {
            said.Add(_watch.Look());
            between?.Invoke();
            _time.Advance(Patience / 2);
        }
        return said;
    }
}

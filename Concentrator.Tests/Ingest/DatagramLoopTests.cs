using System.Net.Sockets;
using System.Reflection;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Datagrams;
using Concentrator.Ingest.Lanes;
using Concentrator.Queues;
using Concentrator.Queues.CrashSafe;
using Concentrator.Routing;
using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Ingest;

/// <summary>What the watch sees of a datagram listener's two loops.</summary>
internal sealed class DatagramLoopTests
{
    private static readonly ListenerOptions Listener = new()
    {
        Name = "log",
        Address = new ListenAddress(Transport.UnixDatagram, "/log", null),
        MaxMessageSize = 65536,
    };

    private readonly ListenerCounters _counters = new("log");
    private RunningLoops _loops = null!;
    private TempDirectory _directory = null!;
    private LogCapture _log = null!;
    private ReceiveRing _ring = null!;

    [SetUp]
    public void Begin()
    {
        _loops = new RunningLoops();
        _directory = new TempDirectory();
        _log = new LogCapture();
        _ring = new ReceiveRing(ReceiveRing.LargestDatagram, named: false, CrashSafeMemory.None(_log.Logger), "log");
    }

    [TearDown]
    public void End()
    {
        _ring.Dispose();
        _log.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void A_lane_that_sleeps_over_what_was_received_is_stuck_and_one_without_work_is_not()
    {
        using DatagramLane lane = new(
            _ring, new IngestLane(Listener, _counters, new ListenerRoutes(static () => { }), TimeProvider.System), _counters, new WhenFullBarrier(),
            new HostName(), networked: false, _loops, static _ => { }, TimeProvider.System);
        lane.Start();
        WaitFor(LoopWait.Work);
        Assert.That(LongLook.At(_loops), Is.Null);
        Move("_head");
        Assert.That(LongLook.At(_loops), Is.EqualTo("no progress for 30 s in lane log"));
        _ring.Complete();
        lane.Join(Deadline.Reaction);
        Assert.That(_loops.All(), Is.Empty);
    }

    [Test]
    public void A_reader_that_sleeps_although_there_is_room_is_stuck_and_one_without_room_is_not()
    {
        using Socket receiver = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        receiver.Bind(new UnixDomainSocketEndPoint(_directory.Socket("log")));
        using DatagramSender sender = DatagramSender.Unix(_directory["log"]);
        using DatagramReader reader = new(
            receiver, _ring, new ReceivePace(1 << 20, ReceiveRing.Slots), _counters, _loops, TimeProvider.System, _log.Logger);
        reader.Start();
        WaitFor(LoopWait.Work);
        Assert.That(LongLook.At(_loops), Is.Null, "nothing comes");
        Task sending = Task.Run(() => sender.Send(NumberedMessage.LocalHttpLog, 0, ReceiveRing.Slots));
        Assert.That(sending.Wait(Deadline.Reaction));
        WaitFor(LoopWait.Room);
        Assert.That(LongLook.At(_loops), Is.Null, "the lane has to make room");
        Move("_tail");
        Assert.That(LongLook.At(_loops), Is.EqualTo("no progress for 30 s in read log"));
        int left = _ring.WaitForData(ReceiveRing.Slots, out _);
        _ring.Release(left);
        reader.Stop();
        reader.Join();
        Assert.That(_loops.All(), Is.Empty);
    }

    /// <summary>Of the ring, without the wake-up that belongs to it: one that gets lost cannot be had otherwise.</summary>
    private void Move(string number)
    {
        FieldInfo field = typeof(ReceiveRing).GetField(number, BindingFlags.Instance | BindingFlags.NonPublic)!;
        field.SetValue(_ring, (long)field.GetValue(_ring)! + 1);
    }

    private void WaitFor(LoopWait wait) =>
        Eventually.Holds(() => _loops.All() is [var mark] && LoopHeartbeat.WaitAt(mark.Position) == wait, $"the loop waits for {wait}");
}

using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.Files;
using Concentrator.Queues.Segments;
using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// What each <c>Spool:Durability</c> may lose, measured: docs/guarantees/durability.md states these figures. Nothing here is a matter of speed,
/// so only what must hold on any machine is asserted.
/// </summary>
[Parallelizable]
internal sealed class DurabilityWindowTests : ServerTests
{
    private const int Rounds = 5;
    private const int PerRound = 20_000;

    [TestCase("memory")]
    [TestCase("process")]
    [TestCase("power")]
    public void A_kill_right_after_the_last_message_was_received_is_measured(string durability)
    {
        int port = FreePort.Next();
        using TlsIntake intake = NewIntake(keepFrames: false);
        intake.Refuse();
        object configuration = new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{port}" } },
            Outputs = new { sekoia = Relay($"localhost:{intake.Port}", Directory) },
            Spool = new { Durability = durability },
            ShutdownTimeout = "00:00:02",
        };
        int sent = 0;
        for (int round = 0; round < Rounds; round++)
        {
            ServerProcess killed = Start(configuration);
            using StreamSender sender = StreamSender.Tcp(port, Framing.OctetCounted);
            sender.Send(NumberedMessage.HttpLog, sent, PerRound);
            sender.FinishSending();
            sent += PerRound;
            killed.WaitForMetrics(static m => m.Sum("concentrator_received_messages_total") == PerRound, "all are received");
            killed.Kill();
        }
        intake.Listen();
        ServerProcess last = Start(configuration);
        last.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages") == 0, "the queue is empty", Deadline.Transfer);
        Eventually.TryHold(() => intake.Sequence.Distinct == sent, Deadline.Reaction);
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{durability}: {Rounds} kills, {sent} messages received, {sent - intake.Sequence.Distinct} lost, {intake.Sequence.Duplicates} twice"));
        if (durability != "memory") Assert.That(sent - intake.Sequence.Distinct, Is.LessThan(PerRound), "what is on disk survives");
    }

    [TestCase("process")]
    [TestCase("power")]
    public void The_longest_time_between_an_append_and_its_flush_is_measured(string durability)
    {
        using SpoolDirectory real = new(Directory["log"]);
        TimedDirectory timed = new(real);
        SegmentLog segments = SegmentLog.Open(timed, new SegmentLogOptions(), out _);
        using LogCapture log = new();
        BlockPool pool = new();
        OutputCounters counters = new("test", isRelay: true, 1L << 30);
        MemoryQueue front = new(counters, pool, new WhenFullBarrier(), WhenFull.DropOldest, 64 << 20, static _ => { });
        SpoolQuota room = new(new SpoolShares(256 << 20), WhenFull.DropOldest, new WhenFullBarrier(), static _ => { });
        DiskQueue queue = new("test", front, null, segments, room, Enum.Parse<Durability>(durability, ignoreCase: true), counters, pool,
            new RunningLoops(), TimeProvider.System, log.Logger);
        byte[] message = NumberedMessage.HttpLog.Render(1).ToArray();
        long began = Stopwatch.GetTimestamp();
        int count = 0;
        while (Stopwatch.GetElapsedTime(began) < TimeSpan.FromSeconds(3))
        {
            // 50,000 a second, as HAProxy's bursts are.
            for (int i = 0; i < 50; i++, count++)
            {
                using (front.Enter())
                {
                    message.CopyTo(front.ReserveUnsynchronized(message.Length));
                    front.CommitUnsynchronized();
                }
            }
            front.Publish();
            Thread.Sleep(1);
        }
        queue.Close();
        queue.End(DropReason.Shutdown);
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{durability}: {count / seconds:0} messages/s; {timed.Syncs} flushes, from append to flushed: "
            + $"median {timed.Age(0.5):0.0} ms, longest {timed.Age(1):0.0} ms"));
        if (durability == "process")
        {
            Assert.That(timed.Syncs, Is.Zero, "that is the system's to do");
            TestContext.Out.WriteLine($"vm.dirty_expire_centisecs = {Setting("dirty_expire_centisecs")}, "
                + $"vm.dirty_writeback_centisecs = {Setting("dirty_writeback_centisecs")}: written back after that much at the latest, if the disk keeps up");
        }
        else
        {
            Assert.That(timed.Syncs, Is.Positive);
            Assert.That(timed.IsAllFlushed, "nothing was left unflushed");
        }
    }

    private static string Setting(string name) => File.ReadAllText($"/proc/sys/vm/{name}").Trim();

    /// <summary>A directory that notes how long what was written stays unflushed.</summary>
    private sealed class TimedDirectory(ISpoolDirectory inner) : ISpoolDirectory
    {
        private readonly ConcurrentDictionary<string, long> _oldestUnflushed = new(StringComparer.Ordinal);
        private readonly List<double> _ages = [];

        public int Syncs => _ages.Count;

        public bool IsAllFlushed => _oldestUnflushed.Keys.All(static name => !name.EndsWith(".segment", StringComparison.Ordinal));

        public long FreeBytes => inner.FreeBytes;

        /// <summary>Milliseconds at that share of all flushes.</summary>
        public double Age(double share) => _ages.Count == 0 ? double.NaN : _ages.Order().ElementAt((int)((_ages.Count - 1) * share));

        public IReadOnlyList<string> List() => inner.List();

        public ISpoolFile Open(string name, bool createNew, long allocate) => new TimedFile(this, inner.Open(name, createNew, allocate), name);

        public void Delete(string name)
        {
            inner.Delete(name);
            _oldestUnflushed.TryRemove(name, out _);
        }

        public void Rename(string from, string to)
        {
            inner.Rename(from, to);
            if (_oldestUnflushed.TryRemove(from, out long since)) _oldestUnflushed[to] = since;
        }

        public void Sync() => inner.Sync();

        private sealed class TimedFile(TimedDirectory directory, ISpoolFile inner, string name) : ISpoolFile
        {
            public long Length => inner.Length;

            public int Write(ReadOnlySpan<byte> bytes, long offset)
            {
                directory._oldestUnflushed.TryAdd(name, Stopwatch.GetTimestamp());
                return inner.Write(bytes, offset);
            }

            public int Read(Span<byte> bytes, long offset) => inner.Read(bytes, offset);

            public void Sync()
            {
                inner.Sync();
                if (directory._oldestUnflushed.TryRemove(name, out long since)) directory._ages.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            }

            public void Dispose() => inner.Dispose();
        }
    }
}

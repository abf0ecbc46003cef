using System.Globalization;
using Concentrator.Queues.Segments;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Queues.Segments;

/// <summary>
/// The log against a simple list: random sequences of what its owner, the file system and fate may do to it. Whatever
/// happens, no block comes out that did not go in, in another place or with other bytes; what must be there is there; and
/// between the first and the next sequence every message is either read or counted as lost.
/// </summary>
internal sealed class LogModelTests
{
    private static readonly Gen<Step> Steps = Gen.Frequency(
        (10, from length in Gen.Choose(20, 200) from messages in Gen.Choose(1, 5) select new Step(Kind.Append, length, messages)),
        (1, from length in Gen.Choose(400, 1500) select new Step(Kind.Append, length, 1)),
        (5, from count in Gen.Choose(1, 6) select new Step(Kind.Read, count, 0)),
        (3, from percent in Gen.Choose(0, 100) select new Step(Kind.Release, percent, 0)),
        (2, Gen.Constant(new Step(Kind.SaveCheckpoint, 0, 0))),
        (2, Gen.Constant(new Step(Kind.Sync, 0, 0))),
        (1, Gen.Constant(new Step(Kind.DropOldest, 0, 0))),
        (1, Gen.Constant(new Step(Kind.Stop, 0, 0))),
        (1, Gen.Constant(new Step(Kind.Kill, 0, 0))),
        (1, from seed in Gen.Choose(0, 1_000_000) select new Step(Kind.LosePower, seed, 0)),
        (2, from calls in Gen.Choose(0, 5) from fault in Gen.Choose(0, 4) select new Step(Kind.Fail, calls, fault)),
        (1, from fault in Gen.Choose(0, 1) select new Step(Kind.FailFromNowOn, 0, fault)),
        (1, from calls in Gen.Choose(0, 6) from seed in Gen.Choose(0, 1_000_000) select new Step(Kind.Crash, calls, seed)),
        (1, Gen.Constant(new Step(Kind.Heal, 0, 0))));

    private enum Kind
    {
        Append,
        Read,
        Release,
        SaveCheckpoint,
        Sync,
        DropOldest,
        Stop,
        Kill,
        LosePower,
        Fail,
        FailFromNowOn,
        Crash,
        Heal,
    }

    [Test]
    public void Whatever_happens_the_log_holds_what_it_promised() => Check(stories: 3000);

    [Test]
    [Category("Soak")]
    [Explicit("full size: dotnet test --filter Category=Soak")]
    public void Whatever_happens_the_log_holds_what_it_promised_in_many_more_stories() => Check(stories: 200_000);

    private static void Check(int stories) =>
        Prop.ForAll(Arb.From(Stories, static story => story.Shorter()), static story => new Run().Play(story.Steps))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(stories));

    [Test]
    public void A_header_left_from_an_earlier_crash_hides_no_sound_block_that_lies_over_it()
    {
        new Run().Play(LeftInTheWalk);
        new Run().Play(LeftBeforeWhatIsWanted);
    }

    private static readonly Step[] LeftBeforeWhatIsWanted =
    [
        new(Kind.Append, 40, 4), new(Kind.Append, 44, 3), new(Kind.Append, 160, 1), new(Kind.LosePower, 997618, 0), new(Kind.Append, 47, 4),
        new(Kind.Stop, 0, 0), new(Kind.LosePower, 109011, 0), new(Kind.Append, 61, 4), new(Kind.Append, 125, 4), new(Kind.Append, 23, 3),
        new(Kind.Crash, 2, 558896), new(Kind.Append, 137, 4), new(Kind.Release, 47, 0), new(Kind.SaveCheckpoint, 0, 0),
    ];

    private static readonly Step[] LeftInTheWalk =
    [
        new(Kind.Append, 175, 1), new(Kind.Append, 26, 2), new(Kind.Append, 133, 1), new(Kind.Append, 136, 2), new(Kind.Release, 68, 0),
        new(Kind.Append, 77, 5), new(Kind.Append, 188, 4), new(Kind.SaveCheckpoint, 0, 0), new(Kind.Append, 37, 1), new(Kind.Append, 101, 2),
        new(Kind.Crash, 4, 343320), new(Kind.Append, 179, 1), new(Kind.Append, 123, 4), new(Kind.Fail, 2, 1), new(Kind.Append, 171, 3),
        new(Kind.DropOldest, 0, 0), new(Kind.Stop, 0, 0), new(Kind.LosePower, 885772, 0),
    ];

    [Test]
    public void The_random_steps_reach_what_they_are_there_for()
    {
        Dictionary<string, int> reached = [];
        foreach (Story story in Stories.Sample(400)) new Run(reached).Play(story.Steps);
        Assert.That(reached.Keys, Is.SupersetOf((string[])
        [
            "append failed", "append failed in a write", "sync failed", "read failed", "failed append came back",
            "power loss lost something", "power loss kept something unsynced", "dropped", "recycled", "open failed",
            "damage counted", "torn", "several segments", "crash within a call",
        ]), string.Join(", ", reached.Select(static pair => $"{pair.Key}: {pair.Value}")));
    }

    private static readonly Gen<Story> Stories = from steps in Steps.ArrayOf(60) select new Story(steps);

    private sealed record Story(Step[] Steps)
    {
        /// <summary>Each half, and each with one step less.</summary>
        public IEnumerable<Story> Shorter() => Enumerable.Range(0, Steps.Length).Select(i => new Story([.. Steps[..i], .. Steps[(i + 1)..]]))
            .Prepend(new Story(Steps[(Steps.Length / 2)..])).Prepend(new Story(Steps[..(Steps.Length / 2)]))
            .Where(story => story.Steps.Length < Steps.Length);

        public override string ToString() => string.Join(' ', Steps.AsEnumerable());
    }

    private sealed record Step(Kind Kind, int A, int B)
    {
        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Kind}({A},{B})");
    }

    private sealed class Run(Dictionary<string, int>? reached = null)
    {
        /// <summary>What the log must hold now, in order.</summary>
        private readonly List<Entry> _held = [];

        /// <summary>All that was ever given to the log, appended or failed: nothing else may come out of it.</summary>
        private readonly HashSet<Entry> _given = [];

        /// <summary>Their append failed; a crash may show that they were written after all.</summary>
        private readonly HashSet<Entry> _failed = [];

        private MemoryDirectory _directory = new();
        private SegmentLog _log = null!;
        private SegmentLogCursor _cursor;
        private long _synced = 1;
        private long _passed = 1;

        public bool Play(IEnumerable<Step> steps)
        {
            _log = _directory.Open();
            _cursor = _log.CursorAt(0);
            foreach (Step step in steps) Do(step);
            _log.Dispose();
            Restart(_directory, lostPower: false);
            return true;
        }

        private void Do(Step step)
        {
            switch (step.Kind)
            {
                case Kind.Append:
                    Append(step.A, Math.Max(1, step.B));
                    break;
                case Kind.Read:
                    Read(step.A);
                    break;
                case Kind.Release:
                    _log.Release(_log.FirstSequence + ((_log.NextSequence - _log.FirstSequence) * step.A / 100));
                    if (_directory.Names.Contains("spare")) Reach("recycled");
                    break;
                case Kind.SaveCheckpoint:
                    Try("checkpoint", _log.SaveCheckpoint);
                    break;
                case Kind.Sync:
                    long next = _log.NextSequence;
                    if (Try("sync", _log.Sync)) _synced = next;
                    break;
                case Kind.DropOldest:
                    Drop();
                    break;
                case Kind.Stop:
                    Try("checkpoint", _log.SaveCheckpoint);
                    _log.Dispose();
                    Restart(_directory, lostPower: false);
                    break;
                case Kind.Kill:
                    _log.Dispose();
                    Restart(_directory, lostPower: false);
                    break;
                case Kind.LosePower:
                    _log.Dispose();
                    Restart(_directory.LosePower(new Random(step.A)), lostPower: true);
                    break;
                case Kind.Fail:
                    _directory.FailAt(step.A, (Fault)step.B);
                    break;
                case Kind.FailFromNowOn:
                    _directory.FailAt(0, (Fault)step.B, goesOn: true);
                    break;
                case Kind.Crash:
                    Crash(step.A, new Random(step.B));
                    break;
                case Kind.Heal:
                    _directory.Heal();
                    break;
            }
            _held.RemoveAll(entry => entry.End <= _log.FirstSequence);
            Check(_log.Messages == HeldFrom(_log.FirstSequence), "as many messages are held as should be");
        }

        /// <summary>The process or the power dies after some call to the file system: none of those that were to follow is made.</summary>
        private void Crash(int calls, Random random)
        {
            int before = _directory.Calls;
            _directory.FailAt(calls, Fault.Error, goesOn: true);
            switch (random.Next(5))
            {
                case 0:
                    _log.Release(_log.NextSequence);
                    break;
                case 1:
                    Try("checkpoint", _log.SaveCheckpoint);
                    break;
                case 2:
                    long next = _log.NextSequence;
                    if (Try("sync", _log.Sync)) _synced = next;
                    break;
                case 3:
                    Drop();
                    break;
                default:
                    for (int i = 0; i < 3; i++) Append(random.Next(20, 600), 1 + random.Next(3));
                    break;
            }
            if (_directory.Calls > before + calls) Reach("crash within a call");
            _directory.Heal();
            _log.Dispose();
            bool lostPower = random.Next(2) == 0;
            Restart(lostPower ? _directory.LosePower(random) : _directory, lostPower);
        }

        private void Append(int length, int messages)
        {
            long next = _log.NextSequence;
            Entry entry = new(next, messages, Logs.Payload(next, messages, length));
            _given.Add(entry);
            try
            {
                _log.Append(messages, length);
                Check(_log.NextSequence == entry.End, "a message has the next number");
                _held.Add(entry);
                if (_directory.Segments.Count() > 1) Reach("several segments");
            }
            catch (IOException)
            {
                Check(_log.NextSequence == next, "a failed append counts for nothing");
                _failed.Add(entry);
                Reach("append failed");
                if (_directory.Hit?.StartsWith("write", StringComparison.Ordinal) == true) Reach("append failed in a write");
            }
        }

        private void Read(int count)
        {
            long lost = _log.LostMessages;
            try
            {
                for (; count > 0; count--)
                {
                    long at = Math.Max(_cursor.Sequence, _log.FirstSequence);
                    Entry? expected = _held.Find(entry => entry.End > at);
                    Entry? read = _log.ReadOn(ref _cursor, 1).SingleOrDefault();
                    Check(read == expected, $"read {read}, expected {expected}");
                    if (read is null) break;
                }
            }
            catch (IOException)
            {
                Reach("read failed");
                _directory.Heal();
            }
            Check(_log.LostMessages == lost, "nothing is lost where nothing was damaged");
        }

        private void Drop()
        {
            long before = HeldFrom(_log.FirstSequence);
            long lost = _log.DropOldest();
            Check(lost == before - HeldFrom(_log.FirstSequence), "what is dropped is counted");
            if (lost > 0) Reach("dropped");
        }

        /// <summary>Opens again, reads everything, and takes what is there for the new truth.</summary>
        private void Restart(MemoryDirectory directory, bool lostPower)
        {
            long wasFirst = _log.FirstSequence;
            long wasNext = _log.NextSequence;
            _directory = directory;
            RecoveryReport report = Reopen();
            List<Entry> all = _log.ReadAll();
            long first = _log.FirstSequence;
            long next = _log.NextSequence;

            _passed = Math.Max(_passed, wasFirst);
            Check(first <= Math.Max(_passed, _held.Count > 0 ? _held[0].First : wasNext), "nothing is passed over that was not delivered or dropped");
            long end = 0;
            foreach (Entry entry in all)
            {
                Check(_given.Contains(entry), $"{entry} was given to the log");
                Check(entry.First >= end, $"{entry} is in order");
                end = entry.End;
                if (_failed.Contains(entry)) Reach("failed append came back");
            }
            foreach (Entry entry in _held)
            {
                // The checkpoint may have been lost and found again: what was once delivered need not be kept.
                if (entry.End <= _passed) continue;
                bool isThere = all.Contains(entry);
                if (!lostPower || entry.End <= _synced) Check(isThere, $"{entry} is kept");
                else Reach(isThere ? "power loss kept something unsynced" : "power loss lost something");
            }
            long read = all.Sum(entry => entry.End - Math.Max(entry.First, first));
            long lost = report.LostMessages + _log.LostMessages;
            Check(read + lost == next - first, "every message is read or counted");
            Check(_log.Messages == read, "what is known to be lost is not held");
            Check(lostPower || next >= wasNext, "no number is given twice");
            if (lost > 0) Reach("damage counted");
            if (report.TornBytes > 0) Reach("torn");

            _held.Clear();
            _held.AddRange(all);
            if (lostPower) (_synced, _passed) = (next, first);
            _cursor = _log.CursorAt(0);
        }

        private RecoveryReport Reopen()
        {
            try
            {
                _log = _directory.Open(out RecoveryReport report);
                _directory.Heal();
                return report;
            }
            catch (IOException)
            {
                Reach("open failed");
                _directory.Heal();
                _log = _directory.Open(out RecoveryReport report);
                return report;
            }
        }

        private long HeldFrom(long first) => _held.Sum(entry => Math.Max(0, entry.End - Math.Max(entry.First, first)));

        private bool Try(string what, Action action)
        {
            try
            {
                action();
                return true;
            }
            catch (IOException)
            {
                Reach($"{what} failed");
                return false;
            }
        }

        private void Reach(string what)
        {
            if (reached is not null) reached[what] = reached.GetValueOrDefault(what) + 1;
        }

        private static void Check(bool holds, string what)
        {
            if (!holds) throw new InvalidOperationException(what);
        }
    }
}

using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Segments;
using NUnit.Framework;

namespace Concentrator.Tests.Queues.Segments;

/// <summary>
/// A segment that was begun, in which nothing was appended, and whose file could not be removed before the process died:
/// whatever numbers its header claims, the blocks of the other segments are believed.
/// </summary>
internal sealed class LeftoverSegmentTests
{
    private static readonly ulong[] Tags = [0, ulong.MaxValue];

    private MemoryDirectory _directory = null!;
    private List<Entry> _entries = null!;

    [SetUp]
    public void Fill()
    {
        _directory = new MemoryDirectory();
        _entries = [];
        using SegmentLog log = _directory.Open();
        while (_directory.Segments.Count() < 4) _entries.Add(log.Append(3, 120));
        log.SaveCheckpoint();
    }

    [TestCaseSource(nameof(Tags))]
    public void One_with_the_number_of_a_segment_that_holds_blocks_costs_nothing(ulong tag)
    {
        // The first attempt to begin a segment wrote the header and failed; the second one had the same number.
        foreach ((long number, long first) in Headers())
        {
            MemoryDirectory left = _directory.Copy();
            Leave(left, number, tag, first);
            AssertNothingIsLost(left, $"number {number}");
        }
    }

    [TestCaseSource(nameof(Tags))]
    public void One_whose_first_number_another_segment_gave_away_since_costs_nothing(ulong tag)
    {
        // The attempt failed for a large block; a smaller one still went into the segment before.
        foreach ((long number, _) in Headers())
        {
            foreach (Entry entry in _entries)
            {
                MemoryDirectory left = _directory.Copy();
                Leave(left, number, tag, entry.First);
                AssertNothingIsLost(left, $"number {number}, first {entry.First}");
            }
        }
    }

    [TestCaseSource(nameof(Tags))]
    public void One_behind_the_last_block_costs_nothing_whatever_it_claims_to_begin_with(ulong tag)
    {
        foreach (Entry entry in _entries)
        {
            MemoryDirectory left = _directory.Copy();
            Leave(left, 99, tag, entry.First);
            AssertNothingIsLost(left, $"first {entry.First}");
        }
    }

    [Test]
    public void One_that_a_new_segment_has_overtaken_costs_nothing()
    {
        // It could not be removed at the start that found it either, so the next segment has a higher number.
        long last = Headers()[^1].Number;
        Leave(_directory, last + 1, 7, _entries[^1].First);
        MemoryDirectory stubborn = _directory.Copy();
        using (SegmentLog log = _directory.Open())
        {
            for (int i = 0; i < 4; i++) _entries.Add(log.Append(3, 300));
            log.SaveCheckpoint();
        }
        string name = SegmentName.Of(last + 1, 7);
        _directory.Create(name, stubborn[name]);
        AssertNothingIsLost(_directory, "overtaken");
    }

    [Test]
    public void One_left_by_failing_calls_costs_nothing()
    {
        for (int calls = 0; calls < 12; calls++)
        {
            foreach (Fault fault in (Fault[])[Fault.Error, Fault.ErrorAfterwards])
            {
                MemoryDirectory directory = _directory.Copy();
                List<Entry> entries = [.. _entries];
                using (SegmentLog log = directory.Open())
                {
                    directory.FailAt(calls, fault, goesOn: true);
                    for (int i = 0; i < 2; i++)
                    {
                        try
                        {
                            entries.Add(log.Append(1, 400));
                        }
                        catch (IOException)
                        {
                            // What a disk does.
                        }
                    }
                    directory.Heal();
                    for (int i = 0; i < 6; i++) entries.Add(log.Append(2, 20 + (i * 60)));
                }
                using SegmentLog again = directory.Open(out RecoveryReport report);
                Assert.That(again.ReadAll(), Is.EqualTo(entries), $"{fault} at {calls}");
                Assert.That(report.LostMessages + again.LostMessages, Is.Zero, $"{fault} at {calls}");
            }
        }
    }

    [Test]
    public void One_behind_delivered_messages_still_says_which_number_is_next()
    {
        using (SegmentLog log = _directory.Open()) log.Release(log.NextSequence);
        long next = _entries[^1].End;
        foreach (string name in _directory.Names.ToArray()) _directory.Remove(name);
        Leave(_directory, 99, 7, next);
        using SegmentLog again = _directory.Open(out RecoveryReport report);
        Assert.That(again.NextSequence, Is.EqualTo(next));
        Assert.That(report.LostMessages, Is.Zero);
        Assert.That(_directory.Segments.Count(), Is.EqualTo(1), "it is gone on with");
    }

    [Test]
    public void A_segment_emptied_by_damage_is_no_leftover_and_its_messages_are_counted()
    {
        string second = _directory.Segments.ElementAt(1);
        _directory[second].AsSpan(SegmentHeader.Size).Clear();
        using SegmentLog log = _directory.Open(out RecoveryReport report);
        List<Entry> read = log.ReadAll();
        Assert.That(read, Has.Count.LessThan(_entries.Count));
        Assert.That(report.LostMessages + log.LostMessages, Is.EqualTo(_entries.Except(read).Sum(static e => e.Messages)));
    }

    [Test]
    public void Verify_says_what_it_is_and_that_it_is_harmless()
    {
        foreach ((long number, long first) in Headers())
        {
            MemoryDirectory left = _directory.Copy();
            Leave(left, number, 7, first);
            LogVerdict verdict = SegmentLogInspection.Verify(left);
            Assert.That(verdict.IsClean, $"{verdict}");
            Assert.That(verdict.Leftovers, Is.EqualTo(1), $"number {number}");
            Assert.That(verdict.Messages, Is.EqualTo(_entries.Sum(static e => e.Messages)));
        }
        Assert.That(SegmentLogInspection.Verify(_directory).Leftovers, Is.Zero);
    }

    /// <summary>Number and first sequence of each segment there is.</summary>
    private (long Number, long First)[] Headers() =>
    [
        .. _directory.Segments.Select(name =>
        {
            SegmentHeader.Read(_directory[name], out SegmentHeader header);
            return (header.Number, header.FirstSequence);
        }),
    ];

    private static void Leave(MemoryDirectory directory, long number, ulong tag, long first)
    {
        byte[] bytes = new byte[Logs.Small.SegmentSize];
        new SegmentHeader(number, tag, first).Write(bytes);
        directory.Create(SegmentName.Of(number, tag), bytes);
    }

    private void AssertNothingIsLost(MemoryDirectory directory, string where)
    {
        using (SegmentLog log = directory.Open(out RecoveryReport report))
        {
            Assert.That(log.ReadAll(), Is.EqualTo(_entries), where);
            Assert.That(report.LostMessages + log.LostMessages, Is.Zero, where);
            Assert.That(report.IsClean, $"{where}: {report}");
            Assert.That(log.Append(1, 400).First, Is.EqualTo(_entries[^1].End), where);
        }
        using SegmentLog again = directory.Open(out RecoveryReport second);
        Assert.That(again.ReadAll(), Has.Count.EqualTo(_entries.Count + 1), where);
        Assert.That(second.IsClean, $"{where}: {second}");
    }
}

using Concentrator.Taps;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Taps;

/// <summary>The ring between the lanes and a tap's thread, against a simple queue.</summary>
[TestFixture]
internal sealed class TapRingTests
{
    private const int Capacity = 4096;

    /// <summary>The longest record of the stories, with what goes with it.</summary>
    private const int Longest = 492;

    /// <summary>A positive number writes a record of that length; 0 reads one.</summary>
    private static readonly Gen<int> Steps = Gen.Frequency((3, Gen.Choose(1, 480)), (3, Gen.Choose(1, 40)), (5, Gen.Constant(0)));

    [Test]
    public void Records_come_out_whole_and_in_order_and_none_is_lost_that_was_taken() =>
        Prop.ForAll(Arb.From(Steps.ArrayOf(400)), static steps => Play(steps)).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Test]
    public void An_empty_ring_takes_the_longest_record_wherever_it_stands()
    {
        TapRing ring = new(Capacity);
        for (int shift = 1; shift < 200; shift++)
        {
            Assert.That(ring.TryReserve(ring.Longest, out _));
            Read(ring);
            Assert.That(ring.TryReserve(shift, out _));
            Read(ring);
        }
        Assert.That(ring.TryReserve(ring.Longest + 1, out _), Is.False);

        static void Read(TapRing ring)
        {
            ring.Commit();
            Assert.That(ring.TryRead(out _));
            ring.Release();
        }
    }

    [Test]
    public void A_record_is_not_seen_before_it_is_filled_and_keeps_its_room_until_it_was_read()
    {
        TapRing ring = new(1024);
        Assert.That(ring.TryReserve(400, out Span<byte> first));
        Assert.That(ring.TryRead(out _), Is.False);
        first.Fill(7);
        ring.Commit();
        Assert.That(ring.TryReserve(400, out _));
        ring.Commit();
        Assert.That(ring.TryReserve(400, out _), Is.False, "it is full");
        Assert.That(ring.TryRead(out ReadOnlySpan<byte> read));
        Assert.That(read.ToArray(), Has.Length.EqualTo(400).And.All.EqualTo(7));
        Assert.That(ring.TryReserve(400, out _), Is.False, "the reader still looks at it");
        ring.Release();
        Assert.That(ring.TryReserve(400, out _));
    }

    private static bool Play(int[] steps)
    {
        TapRing ring = new(Capacity);
        Queue<byte[]> model = new();
        byte next = 0;
        foreach (int step in steps)
        {
            if (step == 0)
            {
                if (ring.TryRead(out ReadOnlySpan<byte> record) != model.TryDequeue(out byte[]? expected)) return false;
                if (expected is null) continue;
                if (!record.SequenceEqual(expected)) return false;
                ring.Release();
                continue;
            }
            if (!ring.TryReserve(step, out Span<byte> room))
            {
                // It may refuse what would fit if records were cut in two, but never what fits twice over beside the gap before another.
                if (model.Sum(static r => r.Length + 12) + (2 * (step + 12)) + Longest <= Capacity) return false;
                continue;
            }
            room.Fill(++next);
            ring.Commit();
            model.Enqueue([.. Enumerable.Repeat(next, step)]);
        }
        return true;
    }
}

using Concentrator.Ingest.Datagrams;
using NUnit.Framework;

namespace Concentrator.Tests.Ingest;

/// <summary>How long a reader leaves its socket alone: long enough to save wake-ups, never so long that a sender meets a full one.</summary>
[TestFixture]
internal sealed class ReceivePaceTests
{
    private const long SendBuffer = 212_992;

    [TestCase(200)]
    [TestCase(1_000)]
    public void At_a_low_rate_each_datagram_is_waited_for(int rate) =>
        Assert.That(Steady(rate, length: 300, depth: 512).Gather, Is.EqualTo(TimeSpan.Zero));

    [TestCase(5_000)]
    [TestCase(20_000)]
    [TestCase(50_000)]
    [TestCase(100_000)]
    [TestCase(300_000)]
    public void What_gathers_is_worth_a_timer_and_leaves_a_sender_three_quarters_of_his_room(int rate)
    {
        double gathered = Steady(rate, length: 300, depth: 512).Gather.TotalSeconds * rate;
        Assert.That(gathered, Is.InRange(2, 167 / 4));
    }

    [TestCase(1_000, 93)]
    [TestCase(2_000, 49)]
    [TestCase(4_000, 26)]
    public void Longer_datagrams_fill_their_senders_buffer_sooner(int length, int measuredRoom)
    {
        double gathered = Steady(50_000, length, depth: 512).Gather.TotalSeconds * 50_000;
        Assert.That(gathered, Is.InRange(2, (measuredRoom / 4) + 1));
    }

    [Test]
    public void With_the_kernels_default_queue_of_ten_nothing_may_gather_beyond_a_quarter_of_it() =>
        Assert.That(Steady(50_000, length: 300, depth: 10).Gather.TotalSeconds * 50_000, Is.LessThanOrEqualTo(10 / 4.0));

    [TestCase(2_000)]
    [TestCase(5_000)]
    public void No_socket_is_left_alone_for_longer_than_a_sudden_burst_needs_to_fill_it(int rate) =>
        Assert.That(Steady(rate, length: 100, depth: 16_384).Gather, Is.LessThanOrEqualTo(ReceivePace.LongestGather));

    [Test]
    public void After_a_silence_the_next_datagram_is_waited_for_again()
    {
        ReceivePace pace = Steady(50_000, length: 300, depth: 512, out TimeSpan now);
        for (int i = 0; i < 8; i++) pace.Received(1, 300, now += TimeSpan.FromSeconds(1));
        Assert.That(pace.Gather, Is.EqualTo(TimeSpan.Zero));
    }

    private static ReceivePace Steady(int rate, int length, int depth) => Steady(rate, length, depth, out _);

    private static ReceivePace Steady(int rate, int length, int depth, out TimeSpan now)
    {
        ReceivePace pace = new(SendBuffer, depth);
        now = TimeSpan.FromHours(1);
        for (int i = 0; i < 1_000; i++) pace.Received(3, 3 * length, now += TimeSpan.FromSeconds(3.0 / rate));
        return pace;
    }
}

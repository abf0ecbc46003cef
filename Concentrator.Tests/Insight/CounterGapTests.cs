using Concentrator.Accounting.HAProxyTraffic;
using NUnit.Framework;

namespace Concentrator.Tests.Insight;

/// <summary>Lines that never came, by HAProxy's own count of a frontend's lines.</summary>
internal sealed class CounterGapTests
{
    private const int Many = 10 * CounterGaps.Round;

    [Test]
    public void Every_number_is_no_loss() => Assert.That(Follow(Enumerable.Range(5, Many)), Is.Zero);

    [Test]
    public void Numbers_that_never_come_are_lost_lines() =>
        Assert.That(Follow(Enumerable.Range(0, Many).Where(static n => n is < 1000 or >= 1077 && n != 2000)), Is.EqualTo(78));

    [Test]
    public void Lines_that_come_late_are_not_lost()
    {
        int[] numbers = [.. Enumerable.Range(0, Many)];
        for (int at = 0; at + 40 < numbers.Length; at += 50) (numbers[at], numbers[at + 40]) = (numbers[at + 40], numbers[at]);
        Assert.That(Follow(numbers), Is.Zero);
    }

    [Test]
    public void Two_threads_that_write_the_same_number_have_lost_nothing() =>
        Assert.That(Follow(Enumerable.Range(0, Many).Select(static n => n % 7 == 3 ? n - 1 : n)), Is.Zero);

    [Test]
    public void A_line_that_comes_twice_hides_no_more_than_itself() => Assert.That(Follow(Enumerable.Range(0, Many).SelectMany(static n => new[] { n, n })), Is.Zero);

    [Test]
    public void A_new_worker_begins_anew_while_the_old_one_finishes()
    {
        CounterGaps gaps = new();
        long lost = 0;
        for (int n = 0; n < Many; n++)
        {
            lost += gaps.Follow(1, "100"u8, 1_000_000 + n);
            if (n % 2 == 0) lost += gaps.Follow(1, "200"u8, n / 2);
        }
        Assert.That(lost, Is.Zero);
        for (int n = 0; n < Many; n++) lost += gaps.Follow(1, "300"u8, n * 2L);
        Assert.That(lost, Is.InRange(Many * 9 / 10, Many), "every second number is missing");
    }

    [Test]
    public void Without_a_process_ID_a_count_that_falls_far_is_a_new_workers()
    {
        CounterGaps gaps = new();
        long lost = 0;
        for (int n = 0; n < Many; n++) lost += gaps.Follow(1, [], 1_000_000 + n);
        for (int n = 0; n < Many; n++) lost += gaps.Follow(1, [], n);
        Assert.That(lost, Is.Zero);
    }

    [Test]
    public void Frontends_count_by_themselves()
    {
        CounterGaps gaps = new();
        long lost = 0;
        for (int n = 0; n < Many; n++) lost += gaps.Follow(1, "1"u8, n) + gaps.Follow(2, "1"u8, 5000 + n);
        Assert.That(lost, Is.Zero);
    }

    private static long Follow(IEnumerable<int> numbers)
    {
        CounterGaps gaps = new();
        return numbers.Sum(number => gaps.Follow(1, "4711"u8, number));
    }
}

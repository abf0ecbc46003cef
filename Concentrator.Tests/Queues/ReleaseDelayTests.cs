using Concentrator.Queues;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

internal sealed class ReleaseDelayTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void What_is_settled_may_be_forgotten_when_the_span_is_over()
    {
        ReleaseDelay past = new(10, _time) { Span = TimeSpan.FromSeconds(5) };
        Assert.That(Before(past, 100), Is.EqualTo(10));
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.That(Before(past, 200), Is.EqualTo(10));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(Before(past, 300), Is.EqualTo(100));
        _time.Advance(TimeSpan.FromSeconds(60));
        Assert.That(Before(past, 300), Is.EqualTo(300));
    }

    [Test]
    public void What_is_sent_again_is_kept_until_it_was_settled_that_long_ago()
    {
        ReleaseDelay past = new(10, _time) { Span = TimeSpan.FromSeconds(5) };
        Before(past, 100);
        _time.Advance(TimeSpan.FromSeconds(4));
        past.Lower(50);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(Before(past, 50), Is.EqualTo(50));
        _time.Advance(TimeSpan.FromSeconds(1));
        Before(past, 100);
        _time.Advance(TimeSpan.FromSeconds(4));
        Assert.That(Before(past, 100), Is.EqualTo(50));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(Before(past, 100), Is.EqualTo(100));
    }

    [Test]
    public void Without_a_span_nothing_is_kept() => Assert.That(Before(new ReleaseDelay(10, _time), 100), Is.EqualTo(100));

    private static long Before(ReleaseDelay past, long settled) => past.Before(ref settled);
}

using Concentrator.Ingest.JetStream;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>How many messages of a stream a listener may have pending, in virtual time.</summary>
[TestFixture]
internal sealed class FetchWindowTests
{
    private readonly ManualTimeProvider _time = new();

    [Test]
    public void A_receiver_that_takes_nothing_is_given_the_least() => Assert.That(Run(new FetchWindow(_time), perSecond: 0, seconds: 10), Is.EqualTo(FetchWindow.Least));

    [TestCase(6)]
    [TestCase(20)]
    public void A_receiver_at_a_fixed_rate_has_what_it_takes_in_five_seconds(int perSecond) =>
        Assert.That(Run(new FetchWindow(_time), perSecond, seconds: 20), Is.InRange(4 * perSecond, 5 * perSecond));

    [Test]
    public void A_fast_receiver_has_the_most_within_a_second() => Assert.That(Run(new FetchWindow(_time), perSecond: 10_000, seconds: 1), Is.EqualTo(FetchWindow.Most));

    [Test]
    public void After_a_second_for_each_delivery_it_still_grows_to_the_most()
    {
        FetchWindow window = new(_time);
        for (int round = 0; round < 10; round++)
        {
            int taken = window.Size;
            _time.Advance(TimeSpan.FromSeconds(1));
            window.Settled(taken);
        }
        Assert.That(window.Size, Is.EqualTo(FetchWindow.Most));
    }

    [Test]
    public void When_the_receiver_goes_away_it_falls_to_the_least()
    {
        FetchWindow window = new(_time);
        Run(window, perSecond: 10_000, seconds: 2);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.That(window.Size, Is.EqualTo(FetchWindow.Most));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(window.Size, Is.EqualTo(FetchWindow.Least));
        _time.Advance(TimeSpan.FromDays(100));
        Assert.That(window.Size, Is.EqualTo(FetchWindow.Least));
    }

    /// <summary>An output that settles that many a second, of what the window allows, looked at as often as the listener does.</summary>
    private int Run(FetchWindow window, int perSecond, int seconds)
    {
        int pending = 0;
        double due = 0;
        for (int look = 0; look < 50 * seconds; look++)
        {
            pending = Math.Max(pending, window.Size);
            _time.Advance(TimeSpan.FromMilliseconds(20));
            due += perSecond / 50.0;
            int settled = Math.Min(pending, (int)due);
            due -= (int)due;
            window.Settled(settled);
            pending -= settled;
        }
        return window.Size;
    }
}

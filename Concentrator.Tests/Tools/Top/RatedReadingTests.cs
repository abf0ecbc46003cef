using Concentrator.Tools.Top;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Top;

/// <summary>The rates between two looks at the server.</summary>
internal sealed class RatedReadingTests
{
    [Test]
    public void A_rate_is_the_difference_of_two_readings_a_second()
    {
        RatedReading frame = RatedReading.Between(Readings.Server(at: 0, received: 100, accepted: 100, delivered: 40), Readings.Server(at: 2, received: 300, accepted: 500, delivered: 40));
        Assert.That(frame.Listeners, Is.EqualTo(new[] { new ListenerRates(100, 30_000) }));
        Assert.That(frame.Outputs, Is.EqualTo(new[] { new OutputRates(200, 0, 0) }));
    }

    [Test]
    public void The_first_reading_has_no_rates() =>
        Assert.That(RatedReading.Between(null, Readings.Server(at: 0, received: 100)).Listeners, Is.EqualTo(new ListenerRates?[] { null }));

    [Test]
    public void A_restart_in_between_leaves_no_rates_whether_or_not_the_process_has_another_number()
    {
        ServerReading before = Readings.Server(at: 10, received: 100);
        ServerReading restarted = Readings.Server(at: 11, received: 5) with { Uptime = 0.5 };
        Assert.That(RatedReading.Between(before, restarted).Listeners, Is.EqualTo(new ListenerRates?[] { null }));
        Assert.That(RatedReading.Between(before, Readings.Server(at: 11, received: 5) with { Process = 8 }).Outputs, Is.EqualTo(new OutputRates?[] { null }));
    }

    [Test]
    public void A_listener_that_a_reload_has_added_has_no_rate_yet_and_the_others_keep_theirs()
    {
        ServerReading before = Readings.Server(at: 0, received: 100);
        ServerReading after = Readings.Server(at: 1, received: 110);
        after = after with { Listeners = [after.Listeners[0] with { Name = "new" }, .. after.Listeners] };
        Assert.That(RatedReading.Between(before, after).Listeners, Is.EqualTo(new[] { null, new ListenerRates(10, 3000) }));
    }
}

using Concentrator.Native;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>Whether anybody keeps the clock.</summary>
internal sealed class ClockCheckTests
{
    [Test]
    public void A_clock_that_is_kept_is_well() => ClockCheck.Look(new ClockState(true, TimeSpan.FromMilliseconds(20))).IsWell();

    [Test]
    public void A_clock_that_nobody_keeps_is_warned_of() =>
        ClockCheck.Look(new ClockState(false, TimeSpan.FromSeconds(16))).Says(Verdict.Warn, "is not synchronized", "timedatectl set-ntp true");

    [Test]
    public void A_clock_that_may_be_wrong_by_seconds_is_warned_of() =>
        ClockCheck.Look(new ClockState(true, TimeSpan.FromSeconds(3))).Says(Verdict.Warn, "may be off by 3 s", "timedatectl");

    [Test]
    public void A_kernel_that_does_not_say_is_warned_of() => ClockCheck.Look(null).Says(Verdict.Warn, "does not say", "timedatectl");

    [Test]
    public void The_kernel_says()
    {
        ClockState? state = ClockCalls.State();
        Assert.That(state, Is.Not.Null);

        // The bound grows by 500 µs a second and is capped at 16 s.
        Assert.That(state.Value.LargestError, Is.GreaterThanOrEqualTo(TimeSpan.Zero).And.LessThanOrEqualTo(TimeSpan.FromSeconds(16)));
    }
}

using Concentrator.Accounting;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Whether this host's clock is synchronized. Message timestamps and certificate validity depend on it. The offset itself cannot be
/// measured, because a relay's peers do not report the time.
/// </summary>
internal static class ClockCheck
{
    private const string Subject = "clock";
    private const string Remedy = "timedatectl set-ntp true    (or: apt-get install chrony)";

    // With a larger error, the second shown in a message may be the wrong one.
    private static readonly TimeSpan LargeError = TimeSpan.FromSeconds(1);

    /// <param name="state">The kernel's clock state; null when it is unavailable.</param>
    public static Diagnosis Look(ClockState? state) => state switch
    {
        null => Diagnosis.Warn(Subject, "the kernel does not report whether it is synchronized", "timedatectl"),
        { IsSynchronized: false } => Diagnosis.Warn(Subject, "is not synchronized: timestamps may be wrong, and certificates may appear expired or not yet valid", Remedy),
        { LargestError: var error } when error > LargeError => Diagnosis.Warn(Subject, $"is synchronized, but may be off by {RoughFigures.Duration(error)}", Remedy),
        _ => Diagnosis.Ok(Subject, "is synchronized"),
    };
}

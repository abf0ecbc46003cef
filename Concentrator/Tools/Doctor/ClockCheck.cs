using Concentrator.Accounting;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Whether somebody keeps this host's clock. Timestamps of messages, and the validity of certificates, are no better than it.
/// What it differs by nobody here can know: the peers of a relay tell no time.
/// </summary>
internal static class ClockCheck
{
    private const string Subject = "clock";
    private const string Remedy = "timedatectl set-ntp true    (or: apt-get install chrony)";

    // Beyond that a second shown in a message is not the second it was.
    private static readonly TimeSpan LargeError = TimeSpan.FromSeconds(1);

    /// <param name="state">The kernel's; null when it does not say.</param>
    public static Diagnosis Look(ClockState? state) => state switch
    {
        null => Diagnosis.Warn(Subject, "the kernel does not say whether it is synchronized", "timedatectl"),
        { IsSynchronized: false } => Diagnosis.Warn(Subject, "is not synchronized: times in messages may be wrong, and certificates seem expired or not yet valid", Remedy),
        { LargestError: var error } when error > LargeError => Diagnosis.Warn(Subject, $"is synchronized, but may be wrong by {RoughFigures.Duration(error)}", Remedy),
        _ => Diagnosis.Ok(Subject, "is synchronized"),
    };
}

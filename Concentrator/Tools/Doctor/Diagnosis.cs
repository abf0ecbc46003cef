namespace Concentrator.Tools.Doctor;

/// <summary>The outcome of one check. Ordered by severity: the worst one decides the exit code.</summary>
internal enum Verdict : byte
{
    Ok,

    /// <summary>Works now; may lose or disturb something later, or could not be looked at.</summary>
    Warn,

    /// <summary>Messages are being lost, or will not be delivered.</summary>
    Fail,
}

/// <summary>The finding of one check.</summary>
/// <param name="Verdict">The severity of the finding.</param>
/// <param name="Subject">What was checked, in one or a few words.</param>
/// <param name="Finding">What was found, in one line.</param>
/// <param name="Remedy">A command or configuration lines to paste; null exactly when the check passed.</param>
internal sealed record Diagnosis(Verdict Verdict, string Subject, string Finding, string? Remedy)
{
    public static Diagnosis Ok(string subject, string finding) => new(Verdict.Ok, subject, finding, null);

    public static Diagnosis Warn(string subject, string finding, string remedy) => new(Verdict.Warn, subject, finding, remedy);

    public static Diagnosis Fail(string subject, string finding, string remedy) => new(Verdict.Fail, subject, finding, remedy);
}

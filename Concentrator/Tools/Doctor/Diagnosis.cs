namespace Concentrator.Tools.Doctor;

/// <summary>How a thing that was looked at stands. In order: the worst decides the exit code.</summary>
internal enum Verdict : byte
{
    Ok,

    /// <summary>Works now; may lose or disturb something later, or could not be looked at.</summary>
    Warn,

    /// <summary>Messages are being lost, or will not be delivered.</summary>
    Fail,
}

/// <summary>What one look has found.</summary>
/// <param name="Verdict">How bad it is.</param>
/// <param name="Subject">What was looked at, in one or a few words.</param>
/// <param name="Finding">What is the case, one line.</param>
/// <param name="Remedy">A command or lines of configuration to paste, set exactly where something is not well.</param>
internal sealed record Diagnosis(Verdict Verdict, string Subject, string Finding, string? Remedy)
{
    public static Diagnosis Ok(string subject, string finding) => new(Verdict.Ok, subject, finding, null);

    public static Diagnosis Warn(string subject, string finding, string remedy) => new(Verdict.Warn, subject, finding, remedy);

    public static Diagnosis Fail(string subject, string finding, string remedy) => new(Verdict.Fail, subject, finding, remedy);
}

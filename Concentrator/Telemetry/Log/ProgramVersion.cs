using System.Reflection;

namespace Concentrator.Telemetry.Log;

/// <summary>What this program is: its version, and the commit that it was built from, which the SDK finds in the git checkout.</summary>
/// <param name="Number">As in <c>0.1.0</c>.</param>
/// <param name="Commit">Its first characters; null for a build from sources without git.</param>
internal sealed record ProgramVersion(string Number, string? Commit)
{
    /// <summary>Enough to tell the commits of any repository apart.</summary>
    private const int Shown = 12;

    /// <summary>Of this program.</summary>
    public static ProgramVersion Current { get; } = Parse(
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0");

    /// <summary>Reads <c>VERSION</c> or <c>VERSION+COMMIT</c>.</summary>
    public static ProgramVersion Parse(string informational)
    {
        int plus = informational.IndexOf('+', StringComparison.Ordinal);
        if (plus < 0) return new ProgramVersion(informational, null);
        string commit = informational[(plus + 1)..];
        return new ProgramVersion(informational[..plus], commit.Length == 0 ? null : commit[..Math.Min(commit.Length, Shown)]);
    }

    /// <summary><c>0.1.0 (abcdef123456)</c>, or the number alone.</summary>
    public override string ToString() => Commit is null ? Number : $"{Number} ({Commit})";
}

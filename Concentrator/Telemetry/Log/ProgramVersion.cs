using System.Reflection;

namespace Concentrator.Telemetry.Log;

/// <summary>The program's version, and the commit it was built from, which the SDK takes from the git checkout.</summary>
/// <param name="Number">The version, such as <c>0.1.0</c>.</param>
/// <param name="Commit">First characters of the commit hash; null for a build from sources without git.</param>
internal sealed record ProgramVersion(string Number, string? Commit)
{
    /// <summary>Number of characters that distinguishes the commits of any repository.</summary>
    private const int Shown = 12;

    /// <summary>The version of this program.</summary>
    public static ProgramVersion Current { get; } = Parse(
        typeof(ProgramVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0");

    /// <summary>Parses <c>VERSION</c> or <c>VERSION+COMMIT</c>.</summary>
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

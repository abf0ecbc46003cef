using System.Text.RegularExpressions;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Programs;

namespace Concentrator.Bench.Haproxy;

/// <summary>The HAProxy that is installed on this machine.</summary>
internal static partial class HaproxyProgram
{
    public const string Missing = "haproxy is not installed (apt-get install haproxy)";

    /// <summary>Null when it is not installed.</summary>
    public static string? Path { get; } = InstalledProgram.Find("haproxy");

    /// <exception cref="UnusableException">It is not installed, or does not print its version.</exception>
    public static string Version()
    {
        (_, IReadOnlyList<string> lines) = ChildProcess.Run(Path ?? throw new UnusableException(Missing), ["-v"], TimeSpan.FromSeconds(10));
        Match match = Number().Match(lines.Count > 0 ? lines[0] : "");
        return match.Success ? match.Value : throw new UnusableException($"{Path} -v does not report a version");
    }

    [GeneratedRegex(@"\d+\.\d+[\w.-]*")]
    private static partial Regex Number();
}

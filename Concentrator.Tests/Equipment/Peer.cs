using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>Finds the real programs that tests need.</summary>
internal static class Peer
{
    /// <summary>
    /// The program's path. When it is missing: a failure in CI (<c>CI=true</c>), where every peer must be installed; elsewhere
    /// the test is ignored with the line that brings the program.
    /// </summary>
    public static string Require(string program, string package)
    {
        string? path = Find(program);
        if (path is not null) return path;
        Missing(program, package);
        return "";
    }

    /// <summary>The same for a file that comes with a package and stands at a fixed place, such as a plug-in.</summary>
    public static void RequireFile(IEnumerable<string> anyOf, string package)
    {
        string[] candidates = [.. anyOf];
        if (!Array.Exists(candidates, File.Exists)) Missing(candidates[0], package);
    }

    public static void Missing(string what, string package) => CannotRun($"{what} is missing; it comes with: apt-get install {package}");

    /// <summary>A failure in CI, where every test can run; elsewhere the test is ignored.</summary>
    public static void CannotRun(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true") Assert.Fail(reason);
        else Assert.Ignore(reason);
    }

    private static string? Find(string program)
    {
        // Daemons live in sbin, which an ordinary user's PATH lacks.
        string search = $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin";
        return search.Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, program))
            .FirstOrDefault(File.Exists);
    }
}

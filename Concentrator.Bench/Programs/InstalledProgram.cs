namespace Concentrator.Bench.Programs;

/// <summary>Finds programs of the machine.</summary>
internal static class InstalledProgram
{
    /// <summary>Null where it is not installed. Daemons live in sbin, which an ordinary user's PATH lacks.</summary>
    public static string? Find(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
}

namespace Concentrator.Bench.Programs;

/// <summary>Finds programs that are installed on this machine.</summary>
internal static class InstalledProgram
{
    /// <summary>Null when it is not installed. Searches sbin too, because daemons are there and a user's PATH lacks it.</summary>
    public static string? Find(string name) =>
        $"{Environment.GetEnvironmentVariable("PATH")}:/usr/local/sbin:/usr/sbin:/sbin"
            .Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, name))
            .FirstOrDefault(File.Exists);
}

namespace Concentrator.Bench.Programs;

/// <summary>A directory of this run's own, mode 0700, removed with everything in it. Its path is short enough for a socket's.</summary>
internal sealed class BenchDirectory : IDisposable
{
    /// <param name="parent">Where; null for the system's place for temporary files.</param>
    /// <exception cref="UnusableException">Nothing can be created there.</exception>
    public BenchDirectory(string? parent = null)
    {
        try
        {
            Path = parent is null
                ? Directory.CreateTempSubdirectory("cbench-").FullName
                : Directory.CreateDirectory(System.IO.Path.GetFullPath($"{parent}/cbench-{Environment.ProcessId}")).FullName;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnusableException($"cannot work in {parent}: {e.Message}");
        }
    }

    public string Path { get; }

    /// <summary>One on a tmpfs; null where neither of the usual places is one that we may write to.</summary>
    public static BenchDirectory? InMemory()
    {
        foreach (string parent in (string[])["/run", "/dev/shm"])
        {
            try
            {
                if (new DriveInfo(parent).DriveFormat == "tmpfs") return new BenchDirectory(Directory.CreateDirectory($"{parent}/cbench-{Guid.NewGuid():N}"));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Not there, or another's: the next, or else the server keeps its memory beside the spool.
            }
        }
        return null;
    }

    private BenchDirectory(DirectoryInfo made) => Path = made.FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>An empty directory inside, for one start of one program.</summary>
    public string Fresh(string name)
    {
        string path = this[name];
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        return Directory.CreateDirectory(path).FullName;
    }

    public void Dispose()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Somebody else was faster.
        }
    }
}

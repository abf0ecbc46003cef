using Concentrator.Bench.Arguments;

namespace Concentrator.Bench.Programs;

/// <summary>A directory of this run, mode 0700, which Dispose removes. Its path is short enough for unix sockets.</summary>
internal sealed class BenchDirectory : IDisposable
{
    /// <param name="parent">The parent directory; null for the system's temporary directory.</param>
    /// <exception cref="UnusableException">The directory cannot be created.</exception>
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

    /// <summary>Creates a directory on a tmpfs; null when neither usual place is a writable tmpfs.</summary>
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
                // Missing or not writable. Tries the next; without any, the server keeps its memory beside the spool.
            }
        }
        return null;
    }

    private BenchDirectory(DirectoryInfo made) => Path = made.FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>Creates an empty subdirectory for one start of one program.</summary>
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
            // Expected: it has been removed already.
        }
    }
}

namespace Concentrator.Tools.Demo;

/// <summary>The demo's own directory, mode 0700. Dispose removes it with everything in it.</summary>
internal sealed class DemoDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("concentrator-demo-").FullName;

    /// <summary>At the path that HAProxy uses inside its chroot.</summary>
    public string Socket => In("dev/log");

    public string LogFile => In("haproxy.log");

    public string OwnLog => In("concentrator.log");

    public string Spool => In("spool");

    public override string ToString() => Path;

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

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

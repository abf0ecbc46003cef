namespace Concentrator.Tools.Demo;

/// <summary>The demo's own directory, mode 0700. Dispose removes it with everything in it.</summary>
internal sealed class DemoDirectory : IDisposable
{
    private readonly string _path = Directory.CreateTempSubdirectory("concentrator-demo-").FullName;

    public string CaFile => In("ca.crt");

    public string CertificateFile => In("server.crt");

    public string KeyFile => In("server.key");

    /// <summary>At the path that HAProxy uses inside its chroot.</summary>
    public string Socket => In("dev/log");

    public string LogFile => In("haproxy.log");

    public string OwnLog => In("concentrator.log");

    public string Spool => In("spool");

    public override string ToString() => _path;

    public void Dispose()
    {
        try
        {
            Directory.Delete(_path, recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // Expected: it has been removed already.
        }
    }

    private string In(string name) => Path.Combine(_path, name);
}

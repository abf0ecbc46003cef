using System.Text;

namespace Concentrator.Routing;

/// <summary>
/// This host's name without its domain, as rsyslog shows it; stands in where a local message names no host. Read at the start, and
/// again at each SIGHUP: a machine may get its name after its services. Any thread.
/// </summary>
internal sealed class HostName
{
    private volatile byte[] _bytes = Read();

    public byte[] Bytes => _bytes;

    public void ReadAgain() => _bytes = Read();

    private static byte[] Read() => Encoding.UTF8.GetBytes(Environment.MachineName.Split('.')[0]);
}

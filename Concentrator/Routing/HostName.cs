using System.Text;

namespace Concentrator.Routing;

/// <summary>
/// This host's name without its domain, as rsyslog shows it; replaces the host name where a local message has none. Read at start and
/// again at each SIGHUP, because a machine may get its name after its services start. Any thread may call.
/// </summary>
internal sealed class HostName
{
    private volatile byte[] _bytes = Read();

    public byte[] Bytes => _bytes;

    public void ReadAgain() => _bytes = Read();

    private static byte[] Read() => Encoding.UTF8.GetBytes(Environment.MachineName.Split('.')[0]);
}

using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// Remembers a kernel setting and puts it back when disposed. Setting needs root; without it tests see the value that the
/// machine has.
/// </summary>
internal sealed class SysctlGuard : IDisposable
{
    /// <summary>Read by the kernel when a receiving unix datagram socket is created (docs/reference/haproxy.md, Datagrams).</summary>
    public const string DatagramQueue = "net.unix.max_dgram_qlen";

    private readonly string _path;
    private readonly string? _before;

    public SysctlGuard(string name)
    {
        _path = "/proc/sys/" + name.Replace('.', '/');
        _before = File.Exists(_path) ? File.ReadAllText(_path) : null;
    }

    /// <summary>Guard and set in one; ignores the test where the setting may not be changed.</summary>
    public static SysctlGuard Set(string name, long value)
    {
        SysctlGuard guard = new(name);
        if (!guard.TrySet(value)) Assert.Ignore($"needs root: sysctl -w {name}={value}");
        return guard;
    }

    /// <summary>False when not permitted.</summary>
    public bool TrySet(long value)
    {
        try
        {
            File.WriteAllText(_path, $"{value}\n");
            return true;
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        if (_before is null || File.ReadAllText(_path) == _before) return;
        try
        {
            File.WriteAllText(_path, _before);
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException or IOException)
        {
            // Whoever changed it was root; we are not, and did not.
        }
    }
}

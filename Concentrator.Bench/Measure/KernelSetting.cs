using System.Globalization;

namespace Concentrator.Bench.Measure;

/// <summary>
/// A number in <c>/proc/sys</c>. Dispose restores the machine's original value, whether we or a started server changed it.
/// </summary>
internal sealed class KernelSetting : IDisposable
{
    public const string DatagramQueue = "net.unix.max_dgram_qlen";
    public const string SendBuffer = "net.core.wmem_default";
    public const string LargestSendBuffer = "net.core.wmem_max";
    public const string LargestReceiveBuffer = "net.core.rmem_max";

    private readonly string _name;

    public KernelSetting(string name)
    {
        _name = name;
        Original = Read(name);
    }

    /// <summary>Zero when the kernel does not show it.</summary>
    public long Original { get; }

    public static long Read(string name)
    {
        try
        {
            string text = File.ReadAllText(PathOf(name)).TrimEnd();
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Some kernels show some settings in the initial network namespace only.
            return 0;
        }
    }

    /// <summary>False when it is not permitted.</summary>
    public bool TrySet(long value)
    {
        if (Read(_name) == value) return true;
        try
        {
            File.WriteAllText(PathOf(_name), value.ToString(CultureInfo.InvariantCulture));
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public void Dispose()
    {
        if (Original > 0) TrySet(Original);
    }

    private static string PathOf(string name) => "/proc/sys/" + name.Replace('.', '/');
}

using System.Globalization;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Datagrams;

/// <summary>
/// <c>net.unix.max_dgram_qlen</c>: how many datagrams may wait in a unix socket. The kernel reads it when the socket is
/// created, so it has to be raised before. At the kernel's default of 10, rsyslog loses 61 % of a 50,000 msg/s burst.
/// </summary>
internal static class DatagramQueueLength
{
    public const int Wanted = 16_384;

    private const string SettingFile = "/proc/sys/net/unix/max_dgram_qlen";

    /// <summary>The kernel's default, assumed where the setting cannot be read.</summary>
    private const int KernelDefault = 10;

    /// <summary>The current value of the setting.</summary>
    public static int Present
    {
        get
        {
            try
            {
                return Read();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
            {
                // A container may hide the setting: assume the smallest value.
                return KernelDefault;
            }
        }
    }

    /// <summary>Raises the setting where that is needed and permitted; otherwise logs once how to raise it.</summary>
    public static void Raise(ILogger log)
    {
        int present = 0;
        try
        {
            present = Read();
            if (present >= Wanted) return;
            File.WriteAllText(SettingFile, Wanted.ToString(CultureInfo.InvariantCulture));
            log.DatagramQueueRaised(present, Wanted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            log.DatagramQueueNotRaised(present, e.Message);
        }
    }

    private static int Read() => int.Parse(File.ReadAllText(SettingFile), CultureInfo.InvariantCulture);
}

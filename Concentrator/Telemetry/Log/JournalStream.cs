using System.Globalization;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// Whether systemd's journal reads our standard error. <c>JOURNAL_STREAM</c> names device and inode of the socket that
/// systemd made; it is inherited by everything that we might start and stays set when standard error is redirected,
/// so systemd.exec(5) asks to compare it with the descriptor.
/// </summary>
internal static class JournalStream
{
    public static bool IsStandardError()
    {
        string? variable = Environment.GetEnvironmentVariable("JOURNAL_STREAM");
        return variable is not null && Matches(variable, new FileInfo("/proc/self/fd/2").LinkTarget);
    }

    /// <param name="variable"><c>DEVICE:INODE</c>.</param>
    /// <param name="descriptor">What the descriptor points to: <c>socket:[INODE]</c> for a socket.</param>
    public static bool Matches(string variable, string? descriptor)
    {
        int colon = variable.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0
            && ulong.TryParse(variable.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode)
            && descriptor == string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]");
    }
}

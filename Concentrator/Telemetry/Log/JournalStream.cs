using System.Globalization;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// Detects whether systemd's journal reads standard error. <c>JOURNAL_STREAM</c> names device and inode of the socket that
/// systemd created; child processes inherit it, and it stays set when standard error is redirected, so systemd.exec(5) asks
/// programs to compare it with the file descriptor.
/// </summary>
internal static class JournalStream
{
    public static bool IsStandardError()
    {
        string? variable = Environment.GetEnvironmentVariable("JOURNAL_STREAM");
        return variable is not null && Matches(variable, new FileInfo("/proc/self/fd/2").LinkTarget);
    }

    /// <param name="variable"><c>DEVICE:INODE</c>.</param>
    /// <param name="descriptor">The link target of the file descriptor: <c>socket:[INODE]</c> for a socket.</param>
    public static bool Matches(string variable, string? descriptor)
    {
        int colon = variable.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0
            && ulong.TryParse(variable.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode)
            && descriptor == string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]");
    }
}

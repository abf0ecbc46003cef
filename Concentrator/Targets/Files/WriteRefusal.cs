using Concentrator.Native;

namespace Concentrator.Targets.Files;

/// <summary>What an operator does about a file that the system does not let us write.</summary>
internal static class WriteRefusal
{
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int OverQuota = 122;

    /// <param name="error">The system's, such as EACCES.</param>
    /// <param name="path">Of the file.</param>
    /// <returns>Null where the reason speaks for itself.</returns>
    public static string? Remedy(int error, string path) => error switch
    {
        // The unit takes root's leave to pass over owners and modes (CAP_DAC_OVERRIDE) away.
        FileCalls.NoAccess or FileCalls.NotPermitted =>
            FormattableString.Invariant($"the server runs as user {DescriptorCalls.EffectiveUser()}: chown the file, or its directory, to that user"),
        ReadOnlyFileSystem => $"its file system is read-only, or ReadWritePaths= of the unit does not name {Path.GetDirectoryName(path)}",
        NoSpace or OverQuota => $"make room: df -h {path}",
        _ => null,
    };
}

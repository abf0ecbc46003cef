using Concentrator.Native;

namespace Concentrator.Targets.Files;

/// <summary>Tells the operator how to fix a file that the system refuses to write.</summary>
internal static class WriteRefusal
{
    private const int NoSpace = 28;
    private const int ReadOnlyFileSystem = 30;
    private const int OverQuota = 122;

    /// <param name="error">The system's error number, such as EACCES.</param>
    /// <param name="path">Path of the file.</param>
    /// <returns>Null when the reason needs no explanation.</returns>
    public static string? Remedy(int error, string path) => error switch
    {
        // The unit removes root's right to override owners and modes (CAP_DAC_OVERRIDE).
        FileCalls.NoAccess or FileCalls.NotPermitted =>
            FormattableString.Invariant($"the server runs as user {DescriptorCalls.EffectiveUser()}: chown the file, or its directory, to that user"),
        ReadOnlyFileSystem => $"its file system is read-only, or ReadWritePaths= of the unit does not include {Path.GetDirectoryName(path)}",
        NoSpace or OverQuota => $"free disk space: df -h {path}",
        _ => null,
    };
}

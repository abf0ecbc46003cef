namespace Concentrator.Queues.DiskFormat;

/// <summary>
/// The directory was written by a newer program. Nothing was changed, because misreading it could lose messages silently. The
/// message is one line for the operator.
/// </summary>
internal sealed class SpoolVersionException(string directory, string file, int found, int known)
    : Exception($"{Path.Combine(directory, file)} has spool format version {found}, but this program supports versions up to {known}; "
        + "run a newer version, or move the directory away");

using System.Globalization;
using Concentrator.Native;

namespace Concentrator.Ingest.Sockets;

/// <summary>The text that a server sends with the file descriptor of each socket that it hands over to its successor.</summary>
/// <param name="Name">The name of the listener that read it.</param>
/// <param name="IsLent">Whether the service manager owns it and keeps its path; otherwise it belongs to the server that reads it.</param>
/// <param name="File">The inode of its path, if it is a unix socket of ours.</param>
internal sealed record SocketDescription(string Name, bool IsLent, FileIdentity? File)
{
    /// <summary><c>socket lent|given INODE MAJOR MINOR NAME</c>; an inode of 0 means none.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"socket {(IsLent ? "lent" : "given")} {File?.Inode ?? 0} {File?.DeviceMajor ?? 0} {File?.DeviceMinor ?? 0} {Name}");

    /// <summary>Parses the format of <see cref="ToString"/>; null for any other text.</summary>
    public static SocketDescription? Parse(string text)
    {
        string[] parts = text.Split(' ', 6);
        if (parts.Length != 6 || parts[0] != "socket" || parts[1] is not ("lent" or "given")) return null;
        bool isWhole = ulong.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out ulong inode)
            & uint.TryParse(parts[3], NumberStyles.None, CultureInfo.InvariantCulture, out uint major)
            & uint.TryParse(parts[4], NumberStyles.None, CultureInfo.InvariantCulture, out uint minor);
        return isWhole
            ? new SocketDescription(parts[5], parts[1] == "lent", inode == 0 ? null : new FileIdentity(inode, major, minor, FileKind.Socket))
            : null;
    }
}

namespace Concentrator.Tests.Equipment;

/// <summary>What <c>stat</c> says of files: inode, kind, owner and mode, which .NET does not.</summary>
internal static class FileStatus
{
    /// <summary>One line a path.</summary>
    /// <param name="format">As <c>stat --format</c> takes it.</param>
    public static string Of(string format, params string[] paths) =>
        PeerProcess.Run(new PeerStart { Path = Peer.Require("stat", "coreutils"), Arguments = ["-c", format, .. paths] }).Output.Trim();
}

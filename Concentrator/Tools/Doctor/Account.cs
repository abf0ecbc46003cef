using System.Globalization;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>A user with its groups, by number, and what a file's mode bits allow it.</summary>
internal sealed record Account(uint User, IReadOnlyList<uint> Groups)
{
    private const uint Root = 0;

    /// <summary>Reads the account from the text of <c>/proc/PID/status</c>; null when the fields are missing.</summary>
    public static Account? OfProcess(string status)
    {
        // Uid and Gid list the real, effective, saved and file system id. The last one decides file access.
        uint[] users = Numbers(status, "Uid"), groups = Numbers(status, "Gid");
        return users.Length == 4 && groups.Length == 4 ? new Account(users[3], [groups[3], .. Numbers(status, "Groups")]) : null;
    }

    /// <summary>The account that haproxy.cfg names; null when this host does not know the user.</summary>
    public static Account? Named(string? user, string? group)
    {
        if (user is null || !Accounts.TryFindUser(user, out uint id)) return null;
        return new Account(id, group is not null && Accounts.TryFindGroup(group, out uint groupId) ? [groupId] : []);
    }

    public bool MayWrite(string path) => Has(path, UnixFileMode.UserWrite, UnixFileMode.GroupWrite, UnixFileMode.OtherWrite);

    /// <summary>Whether it may pass through a directory.</summary>
    public bool MayEnter(string path) => Has(path, UnixFileMode.UserExecute, UnixFileMode.GroupExecute, UnixFileMode.OtherExecute);

    private bool Has(string path, UnixFileMode user, UnixFileMode group, UnixFileMode other)
    {
        if (User == Root) return true;
        if (FileCalls.OwnerOf(path) is not { } owner) return false;
        UnixFileMode mode = File.GetUnixFileMode(path);
        return mode.HasFlag(owner.User == User ? user : Groups.Contains(owner.Group) ? group : other);
    }

    private static uint[] Numbers(string status, string field) =>
        [.. ProcFile.Field(status, field).Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries)
            .Select(static n => uint.Parse(n, CultureInfo.InvariantCulture))];
}

using System.Globalization;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>A user with its groups, by number, and what the mode bits of a file allow it.</summary>
internal sealed record Account(uint User, IReadOnlyList<uint> Groups)
{
    private const uint Root = 0;

    /// <summary>From <c>/proc/PID/status</c>; null when that is not to be had.</summary>
    public static Account? OfProcess(string status)
    {
        // Uid and Gid: real, effective, saved, file system. The last decides about files.
        uint[] users = Numbers(status, "Uid"), groups = Numbers(status, "Gid");
        return users.Length == 4 && groups.Length == 4 ? new Account(users[3], [groups[3], .. Numbers(status, "Groups")]) : null;
    }

    /// <summary>As haproxy.cfg names it; null when it names nobody who is known here.</summary>
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

using System.Globalization;
using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>
/// Looks up users and groups by name through the C library, so that accounts from LDAP or systemd are found like those of
/// /etc/passwd. The library returns static memory, so calls are serialised here. Any thread may call.
/// </summary>
internal static partial class Accounts
{
    /// <summary>As the user or group of a chown: leaves it unchanged.</summary>
    public const uint Unchanged = uint.MaxValue;

    // struct passwd and struct group both begin with two pointers (name, password), then the id.
    private static readonly int IdOffset = 2 * IntPtr.Size;

    private static readonly Lock Gate = new();

    [LibraryImport("libc", EntryPoint = "getpwnam", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetUser(string name);

    [LibraryImport("libc", EntryPoint = "getgrnam", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetGroup(string name);

    [LibraryImport("libc", EntryPoint = "getpwuid", SetLastError = true)]
    private static partial nint GetUser(uint id);

    [LibraryImport("libc", EntryPoint = "getgrouplist", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int GetGroups(string user, uint first, Span<uint> groups, ref int count);

    /// <summary>The groups of a user given by name or number, its own first, as in initgroups(3); empty for an unknown user.</summary>
    public static uint[] GroupsOf(string nameOrId)
    {
        lock (Gate)
        {
            nint entry = uint.TryParse(nameOrId, NumberStyles.None, CultureInfo.InvariantCulture, out uint id) ? GetUser(id) : GetUser(nameOrId);
            if (entry == 0) return [];
            string name = Marshal.PtrToStringUTF8(Marshal.ReadIntPtr(entry))!;

            // The group follows the id.
            uint own = (uint)Marshal.ReadInt32(entry, IdOffset + sizeof(uint));
            uint[] groups = new uint[16];
            int count = groups.Length;
            while (GetGroups(name, own, groups, ref count) < 0) groups = new uint[count];
            return [own, .. groups[..count].Except([own])];
        }
    }

    /// <summary>Numeric id of a user given by name or number.</summary>
    public static bool TryFindUser(string nameOrId, out uint id) => TryFind(GetUser, nameOrId, out id);

    /// <summary>Numeric id of a group given by name or number.</summary>
    public static bool TryFindGroup(string nameOrId, out uint id) => TryFind(GetGroup, nameOrId, out id);

    private static bool TryFind(Func<string, nint> lookUp, string nameOrId, out uint id)
    {
        if (uint.TryParse(nameOrId, NumberStyles.None, CultureInfo.InvariantCulture, out id)) return id != Unchanged;
        lock (Gate)
        {
            nint entry = lookUp(nameOrId);
            if (entry == 0) return false;
            id = (uint)Marshal.ReadInt32(entry, IdOffset);
            return true;
        }
    }
}

using System.Globalization;

namespace Concentrator.Configuration;

/// <summary>
/// User and group names to ids, through the text of <c>/etc/passwd</c> and <c>/etc/group</c>. Names that only LDAP or
/// another name service knows are not found: their numeric id does as well.
/// </summary>
internal static class Accounts
{
    public const string UserFile = "/etc/passwd";

    public const string GroupFile = "/etc/group";

    /// <summary>The uid of a user name, or of a number as it stands.</summary>
    public static bool TryFindUser(string nameOrId, out uint id) => TryFind(UserFile, nameOrId, out id);

    /// <summary>The gid of a group name, or of a number as it stands.</summary>
    public static bool TryFindGroup(string nameOrId, out uint id) => TryFind(GroupFile, nameOrId, out id);

    /// <summary>Both files have the name in the first field and the id in the third (passwd(5), group(5)).</summary>
    private static bool TryFind(string file, string nameOrId, out uint id)
    {
        // The largest value means "leave unchanged" to chown(2).
        if (uint.TryParse(nameOrId, NumberStyles.None, CultureInfo.InvariantCulture, out id))
        {
            return id != uint.MaxValue;
        }
        try
        {
            foreach (string line in File.ReadLines(file))
            {
                string[] fields = line.Split(':');
                if (fields.Length > 2 && fields[0] == nameOrId)
                {
                    return uint.TryParse(fields[2], NumberStyles.None, CultureInfo.InvariantCulture, out id);
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        return false;
    }
}

using System.Globalization;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>The account and capabilities with which a unit's service uses files.</summary>
/// <param name="User">The user's name, as the unit has it.</param>
/// <param name="Group">The group's name or number.</param>
/// <param name="Rights">The ids and capabilities that the kernel checks.</param>
internal sealed record ServiceRights(string User, string Group, FileRights Rights)
{
    /// <summary>systemd assigns a dynamic user a number from 61184 on when the service starts. That user owns nothing yet.</summary>
    private const uint SomeDynamicUser = 61184;

    private const string Root = "root";

    /// <summary>The user as shown in findings.</summary>
    public string Shown => Rights is { User: 0 } && (Rights.Capabilities & FileRights.OverridesModes) == 0
        ? $"user {User}, but without CAP_DAC_OVERRIDE (CapabilityBoundingSet=)" : $"user {User}";

    /// <summary>The rights of a unit's service; null when the user or a group does not exist.</summary>
    public static ServiceRights? Of(UnitState unit)
    {
        string user = unit.Property("User") is { Length: > 0 } named ? named : Root;
        uint[] own = Accounts.GroupsOf(user);
        bool isDynamic = unit.Property("DynamicUser") == "yes" && own.Length == 0;
        if (isDynamic) own = [SomeDynamicUser];
        uint number = SomeDynamicUser;
        if (own.Length == 0 || (!isDynamic && !Accounts.TryFindUser(user, out number))) return null;

        // Without User= systemd does not look up groups: root only has its own.
        if (unit.Property("User").Length == 0) own = own[..1];
        string group = unit.Property("Group");
        uint first = own[0];
        if (group.Length > 0 && !Accounts.TryFindGroup(group, out first)) return null;
        List<uint> groups = [first, .. own];
        foreach (string name in unit.Words("SupplementaryGroups"))
        {
            if (!Accounts.TryFindGroup(name, out uint further)) return null;
            groups.Add(further);
        }
        string shown = group.Length > 0 ? group : number == 0 ? Root : first.ToString(CultureInfo.InvariantCulture);
        return new ServiceRights(user, shown, new FileRights(number, [.. groups.Distinct()], CapabilitiesOf(unit, number)));
    }

    /// <summary>Root has the bounding set, others the ambient set. In a user namespace neither counts for the host's files.</summary>
    private static ulong CapabilitiesOf(UnitState unit, uint user)
    {
        if (unit.Property("PrivateUsers") is not ("" or "no")) return 0;
        string[] names = [.. unit.Words(user == 0 ? "CapabilityBoundingSet" : "AmbientCapabilities")];
        return (names.Contains("cap_dac_override") ? FileRights.OverridesModes : 0) | (names.Contains("cap_dac_read_search") ? FileRights.ReadsAll : 0);
    }
}

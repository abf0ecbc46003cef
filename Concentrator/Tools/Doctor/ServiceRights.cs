using System.Globalization;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>As whom a unit's service uses files.</summary>
/// <param name="User">By name, as the unit has it.</param>
/// <param name="Group">By name or number.</param>
/// <param name="Rights">What the kernel goes by.</param>
internal sealed record ServiceRights(string User, string Group, FileRights Rights)
{
    /// <summary>systemd takes a dynamic user's number from 61184 on when the service starts: somebody who owns nothing.</summary>
    private const uint SomeDynamicUser = 61184;

    private const string Root = "root";

    /// <summary>For people.</summary>
    public string Shown => Rights is { User: 0 } && (Rights.Capabilities & FileRights.OverridesModes) == 0
        ? $"user {User}, but without CAP_DAC_OVERRIDE (CapabilityBoundingSet=)" : $"user {User}";

    /// <summary>Null where there is no such user or group.</summary>
    public static ServiceRights? Of(UnitState unit)
    {
        string user = unit.Property("User") is { Length: > 0 } named ? named : Root;
        uint[] own = Accounts.GroupsOf(user);
        bool isDynamic = unit.Property("DynamicUser") == "yes" && own.Length == 0;
        if (isDynamic) own = [SomeDynamicUser];
        uint number = SomeDynamicUser;
        if (own.Length == 0 || (!isDynamic && !Accounts.TryFindUser(user, out number))) return null;

        // Without User= the groups are not looked up: root has its own alone.
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

    /// <summary>Of root what the bounding set leaves, of others the ambient set. In a user namespace they do not count for the host's files.</summary>
    private static ulong CapabilitiesOf(UnitState unit, uint user)
    {
        if (unit.Property("PrivateUsers") is not ("" or "no")) return 0;
        string[] names = [.. unit.Words(user == 0 ? "CapabilityBoundingSet" : "AmbientCapabilities")];
        return (names.Contains("cap_dac_override") ? FileRights.OverridesModes : 0) | (names.Contains("cap_dac_read_search") ? FileRights.ReadsAll : 0);
    }
}

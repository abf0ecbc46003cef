using System.Globalization;
using Concentrator.Configuration.Values;
using Concentrator.Messages;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads one entry of <c>Routes[].Facility</c>: a name or a number from 0 to 23.</summary>
internal static class FacilityCondition
{
    private static readonly string[] Names =
    [
        "kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
        "ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
    ];

    public static Parsed<Facility> Parse(string text)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number < Names.Length)
        {
            return (Facility)number;
        }
        if (text.Equals("security", StringComparison.OrdinalIgnoreCase))
        {
            return Facility.Auth;
        }
        int index = Array.FindIndex(Names, known => known.Equals(text, StringComparison.OrdinalIgnoreCase));
        return index >= 0
            ? (Facility)index
            : new Problem($"{Problem.Quote(text)} is not a facility; write kern, user, mail, daemon, auth, syslog, lpr, news, uucp, "
                + "cron, authpriv, ftp, ntp, audit, alert, clock, local0 to local7, or a number from 0 to 23"
                + NearestName.Hint(text, Names));
    }

    /// <summary>The names of the facilities in a set: bit n set = facility n.</summary>
    public static IReadOnlyList<string> Format(uint facilities) => [.. Names.Where((_, facility) => (facilities >> facility & 1) != 0)];
}

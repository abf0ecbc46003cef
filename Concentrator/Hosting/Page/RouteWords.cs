using System.Globalization;
using Concentrator.Configuration.Options;
using Concentrator.Messages;

namespace Concentrator.Hosting.Page;

/// <summary>A route's conditions in a few words, for people.</summary>
internal static class RouteWords
{
    private const uint EveryFacility = (1u << 24) - 1;

    /// <summary><c>program haproxy, severity warning and worse</c>; <c>every message</c> for a route without conditions.</summary>
    public static string Conditions(RouteOptions route)
    {
        List<string> words = [];
        if (route.Program is { } program) words.Add($"program {program}");
        if (route.ProgramName is { } name) words.Add($"program name {name}");
        if (route.Host is { } host) words.Add($"host {host}");
        if (route.Sender is { } sender) words.Add($"sender {sender}");
        if (route.Severities != byte.MaxValue) words.Add($"severity {Severities(route.Severities)}");
        if ((route.Facilities & EveryFacility) != EveryFacility) words.Add($"facility {string.Join(", ", Set<Facility>(route.Facilities, 24))}");
        if (route.Contains is { } any) words.Add($"contains {string.Join(" or ", any.Select(Quote))}");
        if (route.ContainsAll is { } all) words.Add($"contains {string.Join(" and ", all.Select(Quote))}");
        return words.Count == 0 ? "every message" : string.Join(", ", words);
    }

    private static string Severities(byte mask)
    {
        string[] names = [.. Set<Severity>(mask, 8)];
        bool isFromWorst = (mask & (mask + 1)) == 0;
        return isFromWorst && names.Length > 1 ? $"{names[^1]} and worse" : string.Join(", ", names);
    }

    private static IEnumerable<string> Set<T>(uint mask, int count)
        where T : struct, Enum =>
        Enumerable.Range(0, count).Where(bit => (mask >> bit & 1) != 0)
            .Select(static bit => Enum.GetName((T)Enum.ToObject(typeof(T), bit))?.ToLowerInvariant() ?? bit.ToString(CultureInfo.InvariantCulture));

    private static string Quote(string text) => $"\"{text}\"";
}

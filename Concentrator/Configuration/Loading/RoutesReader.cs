using System.Globalization;
using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads <c>Routes</c>. Without any, one route takes every message to every output.</summary>
internal static class RoutesReader
{
    public const string Section = "Routes";

    /// <param name="server">The root.</param>
    /// <param name="listeners">The names of all listeners.</param>
    /// <param name="outputs">The names of all outputs.</param>
    public static IReadOnlyList<RouteOptions> Read(SectionReader server, IReadOnlyList<string> listeners, IReadOnlyList<string> outputs)
    {
        IReadOnlyList<SectionReader> sections = server.Object(Section).Objects();
        if (sections.Count == 0)
        {
            return [new RouteOptions { Index = 0, To = outputs }];
        }
        List<RouteOptions> routes = [];
        foreach (SectionReader section in sections)
        {
            if (!int.TryParse(section.Name, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                server.Error($"{Section}:{section.Name}", "is not a route number; "
                    + "write the routes as a list, \"Routes\": [ { … }, { … } ]");
                continue;
            }
            routes.Add(ReadOne(section, index, listeners, outputs));
        }
        return routes;
    }

    private static RouteOptions ReadOne(SectionReader section, int index, IReadOnlyList<string> listeners, IReadOnlyList<string> outputs)
    {
        RouteOptions defaults = new() { Index = index, To = [] };
        RouteOptions route = defaults with
        {
            From = Names.Resolve(section, "From", "a listener", listeners),
            Program = section.Text("Program"),
            ProgramName = section.Text("ProgramName"),
            Host = section.Text("Host"),
            Sender = section.Value<IPNetwork?>("Sender", AddressParser.ParseNetwork, null),
            Severities = section.Value("Severity", SeverityCondition.Parse, defaults.Severities),
            Facilities = ReadFacilities(section, defaults.Facilities),
            Contains = ReadTexts(section, "Contains"),
            ContainsAll = ReadTexts(section, "ContainsAll"),
            IntakeKey = IntakeKeyReader.Read(section),
            To = Names.Resolve(section, "To", "an output", outputs) ?? [],
            Stop = section.Value("Stop", Choices.Switch.Parse, defaults.Stop),
        };
        if (!section.Has("To"))
        {
            section.Missing("To", $"is missing; name the outputs, for example \"To\": [ "
                + $"{string.Join(", ", outputs.Take(2).Select(Problem.Quote))} ]");
        }
        else if (section.HasEmptyList("To") && !route.Stop)
        {
            section.Error("To", "is empty and the route does not stop, so it does nothing; "
                + "name an output, or add \"Stop\": true to discard these messages");
        }
        if (section.HasEmptyList("From"))
        {
            section.Error("From", "is empty; name a listener, or omit the key to match all listeners");
        }
        section.Finish();
        return route;
    }

    /// <summary>One text, which may hold commas, or a list of texts.</summary>
    private static List<string>? ReadTexts(SectionReader section, string key)
    {
        if (section.HasEmptyList(key))
        {
            section.Know(key);
            section.Error(key, "is empty; write a string or a list of strings, or omit the key to match all");
            return null;
        }
        if (!section.HasList(key))
        {
            return section.Text(key) is string text ? [text] : null;
        }
        List<string> texts = [.. section.Texts(key)!.Select(static entry => entry.Text).Distinct()];
        return texts.Count == 0 ? null : texts;
    }

    private static uint ReadFacilities(SectionReader section, uint fallback)
    {
        if (section.Texts("Facility") is not IReadOnlyList<ListEntry> entries)
        {
            return fallback;
        }
        uint facilities = 0;
        foreach (ListEntry entry in entries)
        {
            if (FacilityCondition.Parse(entry.Text).TryGet(out Facility facility, out string? problem))
            {
                facilities |= 1u << (int)facility;
            }
            else
            {
                section.Context.Errors.Add(entry.Path, problem);
            }
        }
        if (entries.Count == 0)
        {
            section.Error("Facility", "is empty; name a facility, for example \"local0\", or omit the key to match all");
        }
        return facilities;
    }
}

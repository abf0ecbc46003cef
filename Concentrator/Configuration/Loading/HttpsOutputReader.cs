using System.Globalization;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages.Rendering;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads an output of type <c>sekoia-https</c>.</summary>
internal static class HttpsOutputReader
{
    public const string RegionKey = "Region", UrlKey = "Url";

    /// <summary>The keys that no other type has.</summary>
    public static readonly string[] OwnKeys = [RegionKey, UrlKey, "BatchSize", "BatchEvents", "BatchAge", "Requests", "Compression"];

    private const string Type = "sekoia-https";

    /// <summary>Appended to the URL for every request.</summary>
    private const string BatchPath = "/plain/batch";

    private const string Example = "\"https://intake.sekoia.io\"";

    /// <summary>Bytes: an event of 250 KiB fits alone into any; four of the largest fill a relay's window.</summary>
    private const long LeastBatch = 16 * 1024, MostBatch = 4L * 1024 * 1024;

    private const int MostEvents = 10_000, MostRequests = 16;

    /// <summary>Well below the time after which a peer that answers nothing is given up.</summary>
    private static readonly TimeSpan MostAge = TimeSpan.FromSeconds(10);

    public static RelayOutputOptions? Read(SectionReader section)
    {
        HttpsIntakeOptions defaults = new();
        RefuseForeign(section);
        (RelayEndpoint Endpoint, string Path)? place = ReadPlace(section);
        HttpsIntakeOptions https = defaults with
        {
            UrlPath = place?.Path ?? "",
            BatchSize = section.Value("BatchSize", ParseSize, defaults.BatchSize),
            BatchEvents = section.Value("BatchEvents", static text => WholeNumber.Parse(text, 1, MostEvents), defaults.BatchEvents),
            BatchAge = section.Value("BatchAge", static text => Duration.Parse(text, MostAge), defaults.BatchAge),
            Requests = section.Value("Requests", static text => WholeNumber.Parse(text, 1, MostRequests), defaults.Requests),
            Gzip = section.Value("Compression", Choices.Compression.Parse, defaults.Gzip),
        };
        RelayOutputOptions output = new()
        {
            Name = section.Name,
            Endpoints = new RelayEndpoints(place is { } known ? [known.Endpoint] : []),
            Protocol = RelayProtocol.Https,
            Format = RelayFormat.Sekoia,
            ControlCharacters = ControlCharacters.Escape,
            StructuredData = section.Value(RelayOutputReader.StructuredDataKey, Choices.StructuredData.Parse, StructuredDataUse.Auto),
            IntakeKey = IntakeKeyReader.Read(section),
            ReplayTail = TimeSpan.Zero,
            Https = https,
        };
        output = RelayOutputReader.ReadLimitsAndWay(section, output, secure: true);
        return place is null ? null : output;
    }

    /// <summary>Tells each output of this type the keys that come to it.</summary>
    public static IReadOnlyList<OutputOptions> AddKeys(IReadOnlyList<OutputOptions> outputs, IReadOnlyList<RouteOptions> routes) =>
    [
        .. outputs.Select(output => output is RelayOutputOptions { Https: { } https } relay
            ? relay with { Https = https with { Keys = new IntakeKeys(KeysOf(relay, routes)) } }
            : output),
    ];

    private static List<Secret> KeysOf(RelayOutputOptions relay, IReadOnlyList<RouteOptions> routes) =>
    [
        .. new[] { relay.IntakeKey }
            .Concat(routes.Where(route => route.To.Contains(relay.Name)).Select(static route => route.IntakeKey))
            .OfType<Secret>().Distinct(),
    ];

    private static void RefuseForeign(SectionReader section)
    {
        section.Refuse(
            RelayOutputReader.EndpointKey, $"does not apply to an output of type {Type}", $"write \"{RegionKey}\": \"FRA1\", or \"{UrlKey}\": {Example}");
        section.Refuse(RelayOutputReader.FramingKey, $"does not apply to an output of type {Type}: each line of a request's body is an event");
        section.Refuse(
            RelayOutputReader.ReplayTailKey,
            $"does not apply to an output of type {Type}, whose intake acknowledges each event: an acknowledged event is never sent again");
        RefuseOther(section, RelayOutputReader.FormatKey, "sekoia", "Sekoia.io's HTTPS intake takes the text of an event, and its key in a header");
        RefuseOther(section, RelayOutputReader.ControlCharactersKey, "escape", "a line feed would end the event");
        RefuseOther(section, RelayOutputReader.TimestampKey, "received", "a request has one time for its events, which is that of their reception");
    }

    /// <summary>Refuses every value but one.</summary>
    private static void RefuseOther(SectionReader section, string key, string only, string reason)
    {
        if (section.Text(key) is not { } text || text.Equals(only, StringComparison.OrdinalIgnoreCase)) return;
        section.Error(key, $"can only be \"{only}\" in an output of type {Type}: {reason}; remove it");
    }

    private static (RelayEndpoint Endpoint, string Path)? ReadPlace(SectionReader section)
    {
        bool hasRegion = section.Has(RegionKey), hasUrl = section.Has(UrlKey);
        if (hasRegion && hasUrl && section.StrengthOf(RegionKey) == section.StrengthOf(UrlKey))
        {
            section.Know(RegionKey, UrlKey);
            section.Error(UrlKey, $"is set together with {RegionKey}; keep only one of them");
            return null;
        }
        if (!hasRegion && !hasUrl)
        {
            section.Know(RegionKey, UrlKey);
            section.Missing(RegionKey, $"is missing; write one of {Codes}, or \"{UrlKey}\": {Example}");
            return null;
        }
        bool byUrl = hasUrl && (!hasRegion || section.StrengthOf(UrlKey) > section.StrengthOf(RegionKey));
        section.Know(RegionKey, UrlKey);
        return byUrl ? section.Value(UrlKey, ParseUrl, null) : section.Value(RegionKey, ParseRegion, null);
    }

    private static string Codes => string.Join(", ", SekoiaRegions.All.Select(static region => Problem.Quote(region.Code)));

    private static Parsed<(RelayEndpoint, string)?> ParseRegion(string text) => SekoiaRegions.HostOf(text) is { } host
        ? (new RelayEndpoint(host, 443), SekoiaRegions.HttpsPathAt(host))
        : new Problem($"{Problem.Quote(text)} is not a region{NearestName.Hint(text, SekoiaRegions.All.Select(static region => region.Code))}; write one of {Codes}, or use {UrlKey}");

    private static Parsed<(RelayEndpoint, string)?> ParseUrl(string text)
    {
        // What precedes an @ may be a password: it is not shown.
        if (text.Contains('@', StringComparison.Ordinal)) return new Problem($"has credentials; remove them: the intake key has keys of its own, for example {IntakeKeyReader.FileKey}");
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("https" or "http"))
            return new Problem($"{Problem.Quote(text)} is not the URL of an intake; write, for example, {Example}");
        if (uri.Scheme != "https") return new Problem($"{Problem.Quote(text)} is not encrypted; write an https URL, for example {Example}");
        if (uri.Query.Length > 0 || uri.Fragment.Length > 0) return new Problem($"{Problem.Quote(text)} has a query or a fragment; remove it");
        string path = uri.AbsolutePath.TrimEnd('/');
        foreach (string end in new[] { BatchPath, "/plain" })
        {
            if (path.EndsWith(end, StringComparison.Ordinal))
                return new Problem($"{Problem.Quote(text)} ends with {end}, which is added to it; write \"{uri.GetLeftPart(UriPartial.Authority)}{path[..^end.Length]}\"");
        }
        string host = string.Create(CultureInfo.InvariantCulture, $"{uri.Host}:{uri.Port}");
        return AddressParser.ParsePeer(host).TryGet(out RelayEndpoint? endpoint, out string? problem) ? (endpoint, path) : new Problem(problem);
    }

    private static Parsed<int> ParseSize(string text) =>
        ByteSize.Parse(text, LeastBatch, MostBatch).TryGet(out long size, out string? problem) ? (int)size : new Problem(problem);
}

using Concentrator.Configuration.Options;

namespace Concentrator.Configuration.Values;

/// <summary>Reads the address of a NATS server.</summary>
internal static class NatsServer
{
    public const int DefaultPort = 4222;

    private const string Scheme = "nats://";

    /// <summary>One server: <c>host</c> or <c>host:port</c>, with or without <c>nats://</c>.</summary>
    public static Parsed<RelayEndpoint> Parse(string text)
    {
        if (text.StartsWith("tls://", StringComparison.OrdinalIgnoreCase))
            return new Problem($"{Problem.Quote(text)} has the scheme tls; write host:port, and \"Tls\": true or an object beside it");
        string place = text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? text[Scheme.Length..].TrimEnd('/') : text;

        // What precedes an @ may be a password: it is not shown.
        if (place.Contains('@', StringComparison.Ordinal)) return new Problem("has credentials; write them into the keys User and PasswordFile, or TokenFile");
        if (!HasPort(place)) place = FormattableString.Invariant($"{place}:{DefaultPort}");
        return AddressParser.ParsePeer(place).TryGet(out RelayEndpoint? server, out string? problem)
            ? server
            : new Problem(problem.Replace("intake.sekoia.io:10514", "nats1.example.net:4222", StringComparison.Ordinal));
    }

    private static bool HasPort(string place) => place.LastIndexOf(':') > place.LastIndexOf(']');
}

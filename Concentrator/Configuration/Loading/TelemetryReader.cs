using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads <c>Telemetry</c>.</summary>
internal static class TelemetryReader
{
    public const string Section = "Telemetry";

    public const string AuthorizationKey = "Authorization";

    private const string OtlpKey = "Otlp";
    private const string EndpointKey = "Endpoint";
    private const string CaFileKey = "CaFile";

    /// <summary>The path that a collector without any other listens on (OTLP/HTTP).</summary>
    private const string DefaultPath = "/v1/metrics";

    private static readonly SecretReader Authorizations =
        new(AuthorizationKey, "AuthorizationFile", "value of the Authorization header", "/etc/concentrator/otlp.authorization");

    /// <summary>Null without an endpoint.</summary>
    public static OtlpOptions? ReadOtlp(SectionReader server)
    {
        SectionReader telemetry = server.Object(Section);
        SectionReader section = telemetry.Object(OtlpKey);
        Uri? endpoint = section.Value(EndpointKey, ParseEndpoint, null);
        TimeSpan interval = section.Value("Interval", static text => Duration.Parse(text, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)), OtlpOptions.DefaultInterval);
        Secret? authorization = Authorizations.Read(section, (source, value) => IsRight(section, source, value));
        string? authorities = CertificateReader.Authorities(section, CaFileKey);
        if (endpoint is { Scheme: "http" } && section.Has(CaFileKey)) section.Error(CaFileKey, "has no effect: the endpoint is not https; remove it");
        section.Finish();
        telemetry.Finish();
        return endpoint is null ? null : new OtlpOptions(endpoint) { Interval = interval, Authorization = authorization, CaFile = authorities };
    }

    private static Parsed<Uri?> ParseEndpoint(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) || uri.Scheme is not ("http" or "https") || uri.UserInfo.Length > 0)
            return new Problem($"{Problem.Quote(text)} is not the address of an OTLP receiver over HTTP; write, for example, \"http://127.0.0.1:4318\"");
        return uri.AbsolutePath == "/" ? new Uri(uri, DefaultPath) : uri;
    }

    private static bool IsRight(SectionReader section, string source, string value)
    {
        if (value.AsSpan().IndexOfAnyExceptInRange(' ', '~') is >= 0 and int bad)
        {
            section.Error(source, $"has a character at position {bad + 1} that is not allowed in a header; allowed is printable ASCII");
            return false;
        }
        return true;
    }
}

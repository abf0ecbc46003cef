namespace Concentrator.Configuration.Options;

/// <summary>The regions of Sekoia.io, and where their intakes are (docs/reference/receivers.md, Sekoia.io).</summary>
internal static class SekoiaRegions
{
    /// <summary>Code and host of each. The first is the default of Sekoia.io's forwarder.</summary>
    public static readonly IReadOnlyList<(string Code, string Host)> All =
    [
        ("FRA1", "intake.sekoia.io"),
        ("FRA2", "intake.fra2.sekoia.io"),
        ("MCO1", "intake.mco1.sekoia.io"),
        ("UAE1", "intake.uae1.sekoia.io"),
        ("USA1", "intake.usa1.sekoia.io"),
        ("SGP1", "intake.sgp1.sekoia.io"),
    ];

    /// <summary>Path of the HTTPS intake of every region but the first.</summary>
    private const string HttpsPath = "/api/v1/intake-http";

    private const string Domain = ".sekoia.io";

    /// <summary>The host of a region, its code in any letter case; null when there is no such region.</summary>
    public static string? HostOf(string code) => All.FirstOrDefault(region => region.Code.Equals(code, StringComparison.OrdinalIgnoreCase)).Host;

    /// <summary>The path below which the HTTPS intake at that host answers; empty for none, and for hosts that are not Sekoia.io's.</summary>
    public static string HttpsPathAt(string host) => host != All[0].Host && host.EndsWith(Domain, StringComparison.OrdinalIgnoreCase) ? HttpsPath : "";
}

namespace Concentrator.Tests.Configuration;

/// <summary>Whole, valid configurations around the one part that a test is about.</summary>
internal static class Snippets
{
    public const string Key = "Zq7Rw3Xt9Bn5Lk1M";

    public const string Haproxy = """ "haproxy": { "Address": "unix-dgram:/run/test/haproxy" } """;

    public const string LogFile = """ "file": { "Type": "file", "Path": "/var/log/test.log" } """;

    public const string Relay = $$""" "relay": { "Type": "syslog-tls", "Endpoint": "peer:6514", "IntakeKey": "{{Key}}" } """;

    /// <summary>One listener named <c>in</c>, written as given.</summary>
    public static string Listener(string body) => Whole($$""" "in": { {{body}} } """, LogFile);

    /// <summary>One output named <c>out</c>, written as given.</summary>
    public static string Output(string body) => Whole(Haproxy, $$""" "out": { {{body}} } """);

    /// <summary>One route, written as given, between <c>haproxy</c> and <c>net</c>, <c>file</c> and <c>relay</c>.</summary>
    public static string Route(string body) =>
        Whole(
            $$"""{{Haproxy}}, "net": { "Address": "udp://127.0.0.1:0" }""",
            $"{LogFile}, {Relay}",
            $$""" , "Routes": [ { {{body}} } ] """);

    /// <summary>A sound configuration and one more member of the root object.</summary>
    public static string Root(string member) => Whole(Haproxy, LogFile, $", {member}");

    public static string Whole(string listeners, string outputs, string more = "") =>
        $$"""{ "Listeners": { {{listeners}} }, "Outputs": { {{outputs}} } {{more}} }""";
}

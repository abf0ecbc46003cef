using System.Globalization;
using System.Text;

namespace Concentrator.Tests.Equipment;

/// <summary>What a test varies of HAProxy's configuration; the rest is the same for all.</summary>
internal sealed record HAProxySetup
{
    /// <summary>Arguments of the global <c>log</c> lines; <c>/dev/log</c> is inside the chroot.</summary>
    public IReadOnlyList<string> Log { get; init; } = ["/dev/log len 8192 format rfc5424 local0"];

    /// <summary>The frontend's <c>log-format</c>, quoted as HAProxy wants it; null for <c>option httplog</c>.</summary>
    public string? LogFormat { get; init; }

    /// <summary>Whether headers that have a place for it carry the host's name.</summary>
    public bool SendHostname { get; init; } = true;

    public int Threads { get; init; } = 2;

    /// <summary>More lines of the sections <c>global</c> and <c>frontend</c>.</summary>
    public IReadOnlyList<string> Global { get; init; } = [];

    public IReadOnlyList<string> Frontend { get; init; } = [];

    /// <summary>More sections, such as <see cref="Ring"/>.</summary>
    public IReadOnlyList<string> Sections { get; init; } = [];

    /// <summary>HAProxy's default size of a ring, in bytes.</summary>
    public const int SmallRing = 16_384;

    /// <summary>A ring that sends over TCP; a <see cref="Log"/> line names it as <c>ring@NAME</c>.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="port">The receiver's port on 127.0.0.1.</param>
    /// <param name="octetCount">Octet counting; false for HAProxy's <c>legacy</c> (LF).</param>
    /// <param name="caFile">TLS, verified against this file and the name localhost; null for plain TCP.</param>
    /// <param name="format">The header format.</param>
    /// <param name="size">Of the ring, in bytes; <see cref="SmallRing"/> overflows at a burst.</param>
    public static string Ring(string name, int port, bool octetCount, string? caFile = null, string format = "rfc5424", int size = 16_777_216) =>
        $"""
        ring {name}
            format {format}
            maxlen 8192
            size {Text(size)}
            timeout connect 2s
            timeout server 10s
            server one 127.0.0.1:{Text(port)} log-proto {(octetCount ? "octet-count" : "legacy")}{Tls(caFile)}

        """;

    /// <summary>
    /// A section that takes syslog over TCP and sends it on as datagrams of at most 8 KB. It ends no connection by itself: one that stands
    /// still keeps its place, of which there are 10 by default.
    /// </summary>
    /// <param name="port">Its own on 127.0.0.1.</param>
    /// <param name="target">The UDP port on 127.0.0.1 that it sends to.</param>
    public static string LogForward(int port, int target) =>
        $"""
        log-forward relayed
            bind 127.0.0.1:{Text(port)}
            maxconn 1000
            timeout client 1h
            log 127.0.0.1:{Text(target)} len 8192 format rfc5424 local0

        """;

    /// <param name="root">The directory that stands for the chroot.</param>
    /// <param name="chroot">Whether HAProxy may really change root; else the socket's path is written out.</param>
    /// <param name="statsSocket">Path of the stats socket.</param>
    /// <param name="port">Of the HTTP frontend on 127.0.0.1.</param>
    public string Render(string root, bool chroot, string statsSocket, int port)
    {
        StringBuilder text = new("global\n");
        if (chroot) Line($"chroot {root}");
        Line($"stats socket {statsSocket} mode 600 level admin");
        Line($"nbthread {Text(Threads)}");
        Line("tune.http.logurilen 4096");
        if (SendHostname) Line("log-send-hostname");
        foreach (string log in Log) Line($"log {(chroot ? log : log.Replace("/dev/", $"{root}/dev/", StringComparison.Ordinal))}");
        foreach (string line in Global) Line(line);
        text.Append("defaults\n");
        Line("mode http");
        Line("log global");
        Line("timeout client 30s");
        Line("timeout server 30s");
        Line("timeout connect 2s");
        text.Append("frontend web\n");
        Line($"bind 127.0.0.1:{Text(port)}");
        Line(LogFormat is null ? "option httplog" : $"log-format {LogFormat}");
        foreach (string line in Frontend) Line(line);
        Line("http-request return status 200");
        foreach (string section in Sections) text.Append(section);
        return text.ToString();

        void Line(string line) => text.Append("    ").Append(line).Append('\n');
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Tls(string? caFile) =>
        caFile is null ? "" : $" ssl verify required ca-file {caFile} verifyhost localhost sni str(localhost)";
}

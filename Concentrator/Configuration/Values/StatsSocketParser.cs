using System.Text;
using Concentrator.Configuration.Options;

namespace Concentrator.Configuration.Values;

/// <summary>Reads the path of HAProxy's stats socket, or <c>off</c>.</summary>
internal static class StatsSocketParser
{
    /// <summary>Bytes: sun_path holds 108 with its closing NUL (unix(7)).</summary>
    private const int MaxPath = 107;

    private const string Example = "write the path after \"stats socket\" in haproxy.cfg, for example \"/run/haproxy/admin.sock\", or \"off\"";

    public static Parsed<string?> Parse(string text) =>
        text.Equals(ListenerOptions.NoStatsSocket, StringComparison.OrdinalIgnoreCase) ? ListenerOptions.NoStatsSocket
        : !text.StartsWith('/') || text.EndsWith('/') || text.Contains('\0', StringComparison.Ordinal)
            ? new Problem($"{Problem.Quote(text)} is not the absolute path of a socket; {Example}")
        : Encoding.UTF8.GetByteCount(text) > MaxPath ? new Problem($"the path of the socket has more than {MaxPath} bytes, which the system does not allow; {Example}")
        : text;
}

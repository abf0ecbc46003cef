using System.Text.Json;
using Concentrator.Tools.Status;

namespace Concentrator.Tools.Top;

/// <summary>What <c>concentrator top</c> shows of one status document (<c>/status.json</c>). Counters are since the server's start.</summary>
/// <param name="Time">Of the document, by the server's clock.</param>
/// <param name="Uptime">Seconds since the server's start; smaller than in an earlier reading if it was restarted.</param>
/// <param name="Problems">Why the server is not ready; empty if it is.</param>
/// <param name="Events">The latest warnings and errors, the newest last, one line each.</param>
internal sealed record ServerReading(
    DateTime Time, string Version, long Process, double Uptime, bool IsReady, IReadOnlyList<string> Problems,
    IReadOnlyList<ListenerReading> Listeners, IReadOnlyList<OutputReading> Outputs, IReadOnlyList<string> Events)
{
    /// <summary>Reads a document of the version that this server writes.</summary>
    /// <exception cref="KeyNotFoundException">A member is missing.</exception>
    /// <exception cref="InvalidOperationException">A member is of another type.</exception>
    /// <exception cref="FormatException">A number or a time cannot be read.</exception>
    public static ServerReading Of(JsonElement status)
    {
        JsonElement server = status.GetProperty("server");
        bool toSekoia = InsightLines.HasSekoia(status);
        return new ServerReading(
            status.GetProperty("time").GetDateTime().ToUniversalTime(),
            server.GetProperty("version").GetString() ?? "",
            server.GetProperty("pid").GetInt64(),
            server.GetProperty("uptime_seconds").GetDouble(),
            status.GetProperty("ready").GetBoolean(),
            [.. status.GetProperty("problems").EnumerateArray().Select(static problem => problem.GetString() ?? "")],
            [.. status.GetProperty("listeners").EnumerateArray().Select(listener => ListenerReading.Of(listener, toSekoia))],
            [.. status.GetProperty("outputs").EnumerateArray().Select(OutputReading.Of)],
            [.. status.GetProperty("log").GetProperty("recent").EnumerateArray().Select(static item => StatusValues.Event(item, "HH:mm:ss"))]);
    }
}

using System.Globalization;
using System.Text.Json;
using Concentrator.Tools.Status;

namespace Concentrator.Tools.Taps;

/// <summary>How <c>concentrator tap</c> shows a message.</summary>
internal enum TapView : byte
{
    /// <summary>The bytes as received, control bytes visible.</summary>
    Received,

    /// <summary>Each field by its name, and the routes.</summary>
    Parsed,

    /// <summary>The frame or line as the output sends it.</summary>
    Frame,
}

/// <summary>Lines of a tap as text for people.</summary>
internal static class TapText
{
    private static readonly (string Name, string Member)[] Fields =
    [
        ("TIMESTAMP", "timestamp"), ("HOSTNAME", "hostname"), ("APP-NAME", "app_name"), ("PROCID", "procid"), ("MSGID", "msgid"),
        ("STRUCTURED-DATA", "structured_data"), ("MSG", "message"),
    ];

    /// <summary>A message as one line, or several where each field has its own.</summary>
    public static IEnumerable<string> Message(JsonElement message, TapView view) => (view switch
    {
        TapView.Parsed => Parsed(message),
        TapView.Frame => [$"{Word(message, "received")} {message.GetProperty("listener").GetString()} {Sent(message)}"],
        _ => [$"{Word(message, "received")} {message.GetProperty("listener").GetString()} {Word(message, "frame")}{Doubts(message)}"],
    }).Select(StatusValues.Printable);

    /// <summary>What the tap showed and passed over, in one line.</summary>
    public static string Summary(JsonElement end)
    {
        long rate = end.GetProperty("passed_over_rate").GetInt64(), slow = end.GetProperty("passed_over_slow").GetInt64();
        List<string> why = [];
        if (rate > 0) why.Add(string.Create(CultureInfo.InvariantCulture, $"{rate} beyond 1,000 a second"));
        if (slow > 0) why.Add(string.Create(CultureInfo.InvariantCulture, $"{slow} while this output was too slow"));
        string reasons = why.Count == 0 ? "" : $" ({string.Join(", ", why)})";
        return string.Create(CultureInfo.InvariantCulture, $"{end.GetProperty("shown").GetInt64()} shown, {rate + slow} passed over{reasons}");
    }

    /// <summary>The routes that took a message, and what their outputs did with it.</summary>
    public static string Routes(JsonElement message)
    {
        string[] routes = [.. message.GetProperty("routes").EnumerateArray().Select(Route)];
        return routes.Length == 0 ? "no route took it" : string.Join("; ", routes) + (message.GetProperty("more_routes").GetBoolean() ? "; …" : "");
    }

    /// <summary>What was wrong with a message, as the end of a line.</summary>
    public static string Doubts(JsonElement message)
    {
        List<string> doubts = [];
        if (message.GetProperty("malformed").GetBoolean()) doubts.Add("malformed");
        if (message.GetProperty("truncated").GetBoolean()) doubts.Add("truncated");
        if (!message.GetProperty("shown_whole").GetBoolean()) doubts.Add($"the beginning of {Bytes(message, "bytes")}");
        if (message.GetProperty("routes").GetArrayLength() == 0) doubts.Add("no route took it");
        return doubts.Count == 0 ? "" : $" [{string.Join(", ", doubts)}]";
    }

    private static IEnumerable<string> Parsed(JsonElement message)
    {
        string sender = message.GetProperty("sender").GetString() is { } address ? $" from {address}" : "";
        yield return $"{Word(message, "received")} {Word(message, "listener")}{sender}: {Bytes(message, "bytes")}, {Word(message, "header")}{Doubts(message)}";
        JsonElement pri = message.GetProperty("pri");
        string number = pri.ValueKind == JsonValueKind.Number ? pri.GetInt32().ToString(CultureInfo.InvariantCulture) : "none, so";
        yield return Field("PRI", $"{number} {Word(message, "facility")}.{Word(message, "severity")}");
        foreach ((string name, string member) in Fields) yield return Field(name, Word(message, member));
        yield return Field("routes", Routes(message));
    }

    private static string Field(string name, string value) => $"    {name,-15}  {value}";

    private static string Route(JsonElement route)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"Routes:{route.GetProperty("route").GetInt32()}");
        string? output = route.GetProperty("output").GetString();
        return route.GetProperty("outcome").GetString() switch
        {
            "queued" => $"{name} to {output}",
            "dropped" => $"{name} to {output}, which dropped it ({route.GetProperty("reason").GetString()})",
            "empty" => $"{name} to {output}, which has nothing to send of it",
            _ => $"{name}, which has no output: dropped on purpose",
        };
    }

    private static string Sent(JsonElement message) => message.TryGetProperty("sent", out JsonElement sent) && sent.GetString() is { } frame
        ? frame
        : $"[{Bytes(message, "sent_bytes")}, too long to show]";

    private static string Bytes(JsonElement message, string member) =>
        string.Create(CultureInfo.InvariantCulture, $"{message.GetProperty(member).GetInt64()} bytes");

    private static string Word(JsonElement message, string member) => message.GetProperty(member).GetString() ?? "-";
}

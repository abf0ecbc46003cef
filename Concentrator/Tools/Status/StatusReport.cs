using System.Text.Json;
using Concentrator.Accounting;

namespace Concentrator.Tools.Status;

/// <summary>
/// A <c>StatusDocument</c> as readable lines of at most <see cref="Width"/> characters: the server's state, a table of
/// listeners and one of outputs, each row followed by its details, and the latest log lines.
/// </summary>
internal sealed class StatusReport
{
    public const int Width = 80;

    private static readonly string[] ListenerHeads = ["listener", "received", "routed", "unrouted", "balance"];
    private static readonly string[] OutputHeads = ["output", "accepted", "delivered", "queued", "dropped", "balance"];

    private readonly WrappedLines _lines = new(Width);

    /// <param name="status">A document of the version that this server writes.</param>
    public static IReadOnlyList<string> Lines(JsonElement status)
    {
        StatusReport report = new();
        report.AddServer(status);
        report.AddTable(ListenerHeads, status.GetProperty("listeners"), ListenerCells, listener => report.AddListener(listener, InsightLines.HasSekoia(status)));
        report.AddTable(OutputHeads, status.GetProperty("outputs"), OutputCells, report.AddOutput);
        report.AddLog(status.GetProperty("log"));
        return report._lines.All;
    }

    private void AddServer(JsonElement status)
    {
        JsonElement server = status.GetProperty("server");
        bool isReady = status.GetProperty("ready").GetBoolean();
        string version = Text(server, "revision") is { } revision ? $"{Text(server, "version")} ({revision})" : $"{Text(server, "version")}";
        Add($"concentrator {version} is {(isReady ? "ready" : "NOT READY")}: process {server.GetProperty("pid").GetInt64()}, "
            + $"up {RoughFigures.Duration(server.GetProperty("uptime_seconds").GetDouble())}", "");
        foreach (JsonElement problem in status.GetProperty("problems").EnumerateArray()) Add($"! {problem.GetString()}");
        JsonElement spool = status.GetProperty("spool");
        if (Text(spool, "directory") is not { } directory || spool.GetProperty("free_bytes").ValueKind == JsonValueKind.Null) return;
        Add($"spool {directory}: at most {Size(spool, "bound_bytes")}, {Size(spool, "free_bytes")} free on disk", "");
    }

    private void AddTable(string[] heads, JsonElement rows, Func<JsonElement, string[]> cells, Action<JsonElement> addMore)
    {
        IReadOnlyList<string> table = PlainTable.Lines(
            heads, [.. rows.EnumerateArray().Select(cells)], head => head == heads[0] || head == "balance", Width);
        if (table.Count == 0) return;
        _lines.AddLine("");
        _lines.AddLine(table[0]);
        int line = 1;
        foreach (JsonElement row in rows.EnumerateArray())
        {
            _lines.AddLine(table[line++]);
            addMore(row);
        }
    }

    private static string[] ListenerCells(JsonElement listener) =>
        [StatusValues.Printable(Text(listener, "name")), Number(listener, "received"), Number(listener, "routed"), Number(listener, "unrouted"), Balance(listener)];

    private static string[] OutputCells(JsonElement output) =>
    [
        StatusValues.Printable(Text(output, "name")), Number(output, "accepted"), Number(output, "delivered"), Number(output, "queued"),
        StatusValues.Number(output.GetProperty("dropped").EnumerateObject().Sum(static reason => reason.Value.GetInt64())),
        Balance(output),
    ];

    private void AddListener(JsonElement listener, bool toSekoia)
    {
        Add(Text(listener, "address") ?? "not in the running configuration");
        string[] counts =
        [
            .. Counted(listener, "malformed", "malformed"), .. Counted(listener, "truncated", "truncated"),
            .. Counted(listener, "kernel_dropped", "dropped by the kernel"), .. listener.TryGetProperty("lost_before", out _) ? Reasons(listener, "lost_before", "lost before us") : [],
            .. Counted(listener, "framing_violations", "connections with invalid framing"),
            .. Counted(listener, "refused_connections", "connections refused"), .. Reasons(listener, "cut_connections", "connections closed"),
        ];
        if (counts.Length > 0) Add(string.Join(", ", counts));
        foreach (string line in InsightLines.Of(listener, toSekoia)) Add(line);
        AddProblem(listener);
    }

    private void AddOutput(JsonElement output)
    {
        string to = string.Join(", ", output.GetProperty("to").EnumerateArray().Select(static place => place.GetString()));
        Add(Text(output, "type") is { } type ? $"{type} to {to}" : "not in the running configuration");
        if (output.GetProperty("relay") is { ValueKind: JsonValueKind.Object } relay) Add(Connection(relay));
        string queue = $"queue: {Size(output, "queued_bytes")} of {Size(output, "capacity_bytes")}";
        if (StatusValues.Seconds(output.GetProperty("drain_seconds")) is > 0 and double drain)
            queue += double.IsFinite(drain) ? $", empty in about {RoughFigures.Duration(drain)}" : ", not shrinking";
        if (StatusValues.Seconds(output.GetProperty("autonomy_seconds")) is { } room && double.IsFinite(room))
            queue += $", full after an outage of {RoughFigures.Duration(room)}";
        Add(queue);
        string[] counts = [.. Counted(output, "truncated", "truncated at MaxFrameSize"), .. Reasons(output, "dropped", "dropped")];
        if (counts.Length > 0) Add(string.Join(", ", counts));
        AddProblem(output);
    }

    private static string Connection(JsonElement relay)
    {
        string outages = relay.GetProperty("outages").GetInt64() is > 0 and long count
            ? $"; {StatusValues.Number(count)} outage{(count == 1 ? "" : "s")}, {RoughFigures.Duration(relay.GetProperty("outage_seconds").GetDouble())} in total"
            : "";
        if (!relay.GetProperty("connected").GetBoolean()) return $"NOT CONNECTED{outages}";
        string certificate = Text(relay, "certificate_ends") is { } end ? $", certificate expires {end[..10]}" : "";
        return $"connected to {Text(relay, "endpoint")} over {Text(relay, "protocol")}{certificate}{outages}";
    }

    private void AddLog(JsonElement log)
    {
        JsonElement recent = log.GetProperty("recent");
        _lines.AddLine("");
        bool isClean = recent.GetArrayLength() == 0;
        Add(isClean ? "no warnings or errors in the log" : "last warnings and errors of the log, newest last", "");
        foreach (JsonElement item in recent.EnumerateArray()) Add(StatusValues.Event(item, "yyyy-MM-dd HH:mm:ss"), "");
        string[] lost = [.. Counted(log, "dropped_lines", "lines of the log were dropped because standard error was not read in time")];
        if (lost.Length > 0) Add(lost[0], "");
    }

    private void AddProblem(JsonElement row)
    {
        if (Text(row, "problem") is { } problem) Add($"! {problem}");
    }

    private void Add(string text, string indent = WrappedLines.Indent) => _lines.Add(text, indent);

    private static IEnumerable<string> Counted(JsonElement row, string name, string words) =>
        row.GetProperty(name).GetInt64() > 0 ? [$"{Number(row, name)} {words}"] : [];

    private static IEnumerable<string> Reasons(JsonElement row, string name, string words) => row.GetProperty(name).EnumerateObject()
        .Where(static reason => reason.Value.GetInt64() > 0)
        .Select(reason => $"{StatusValues.Number(reason.Value.GetInt64())} {words} ({reason.Name})");

    private static string Balance(JsonElement row) => row.GetProperty("balances").GetBoolean() ? "ok" : "OFF";

    private static string? Text(JsonElement row, string name) => row.GetProperty(name).GetString();

    private static string Number(JsonElement row, string name) => StatusValues.Number(row.GetProperty(name).GetInt64());

    private static string Size(JsonElement row, string name) => RoughFigures.Size(row.GetProperty(name).GetInt64());
}

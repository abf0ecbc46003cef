using System.Globalization;
using System.Text.Json;
using Concentrator.Taps;
using Concentrator.Tools.Taps;

namespace Concentrator.Tools.Trace;

/// <summary>How a trace ended.</summary>
/// <param name="IsComplete">Every output that the message was routed to has it.</param>
/// <param name="Text">That, or where it stopped, in one line for people.</param>
internal sealed record TraceResult(bool IsComplete, string Text);

/// <summary>
/// Sends one marked message and follows it by a tap at the running server. What it reports is about this very message: the server follows
/// its place in each output's queue.
/// </summary>
/// <param name="probe">What sends it.</param>
/// <param name="onStation">Called for each station, in the order in which they are learnt. False = no more are wanted.</param>
internal sealed class TraceRun(TraceProbe probe, Func<TraceStation, bool> onStation)
{
    private readonly Dictionary<string, (bool IsRelay, string To)> _outputs = new(StringComparer.Ordinal);
    private readonly List<string> _waiting = [];
    private readonly List<string> _have = [];
    private string? _stoppedAt;
    private bool _isSeen;
    private bool _isEnough;

    /// <summary>Runs the trace. A message that has not reached all its outputs after <paramref name="limit"/> is not waited for any longer.</summary>
    /// <param name="spool">The spool's directory of the server's configuration.</param>
    /// <exception cref="TapException">The server cannot be asked, or the message not sent.</exception>
    public async Task<TraceResult> RunAsync(string spool, TimeSpan limit, CancellationToken stop)
    {
        TapRequest request = new() { Text = probe.Mark.Text, Follows = true, Limit = 1 };
        using TapClient tap = await TapClient.OpenAsync(spool, request).ConfigureAwait(false);
        foreach (JsonElement output in tap.Hello.RootElement.GetProperty("outputs").EnumerateArray())
        {
            bool isRelay = output.GetProperty("type").GetString() == "relay";
            _outputs[output.GetProperty("name").GetString() ?? ""] = (isRelay, output.GetProperty("to").GetString() ?? "");
        }
        using CancellationTokenSource ends = CancellationTokenSource.CreateLinkedTokenSource(stop);
        ends.CancelAfter(limit);
        using CancellationTokenRegistration end = ends.Token.Register(tap.End);
        await SendAsync(tap, ends.Token).ConfigureAwait(false);
        while (await tap.ReadAsync().ConfigureAwait(false) is { } line)
        {
            using (line) Take(line);
            if (_isEnough) tap.End();
        }
        return stop.IsCancellationRequested ? new TraceResult(false, "interrupted") : Judge(tap.HasEnded && ends.IsCancellationRequested, limit);
    }

    private async Task SendAsync(TapClient tap, CancellationToken stop)
    {
        try
        {
            Reach(await probe.SendAsync(tap.Hello.RootElement, stop).ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            // The message may have come nevertheless; if not, the result says so.
        }
    }

    private void Take(JsonDocument line)
    {
        if (TapClient.TypeOf(line) == "message") TakeMessage(line.RootElement);
        else if (TapClient.TypeOf(line) == "station") TakeStation(line.RootElement);
    }

    private void TakeMessage(JsonElement message)
    {
        _isSeen = true;
        DateTimeOffset received = TimeOf(message, "received"), routed = TimeOf(message, "routed");
        string sender = message.GetProperty("sender").GetString() is { } address ? $" from {address}" : "";
        string bytes = message.GetProperty("bytes").GetInt64().ToString(CultureInfo.InvariantCulture);
        Reach(new TraceStation("received", null, received, $"by listener {message.GetProperty("listener").GetString()}{sender}, {bytes} bytes"));
        Reach(new TraceStation("parsed", null, routed, $"as {message.GetProperty("header").GetString()}: {message.GetProperty("facility").GetString()}."
            + $"{message.GetProperty("severity").GetString()}, program {message.GetProperty("app_name").GetString() ?? "-"}"
            + $"{(message.GetProperty("malformed").GetBoolean() ? ", malformed" : "")}{(message.GetProperty("truncated").GetBoolean() ? ", truncated" : "")}"));
        Reach(new TraceStation("routed", null, routed, TapText.Routes(message)));
        foreach (JsonElement route in message.GetProperty("routes").EnumerateArray())
        {
            string output = route.GetProperty("output").GetString() ?? "";
            switch (route.GetProperty("outcome").GetString())
            {
                case "queued":
                    _waiting.Add(output);
                    Reach(new TraceStation("queued", output, routed, "in its queue"));
                    break;
                case "dropped":
                    Stop(new TraceStation("dropped", output, routed, $"at once: {route.GetProperty("reason").GetString()}"));
                    break;
            }
        }
    }

    private void TakeStation(JsonElement station)
    {
        string output = station.GetProperty("output").GetString() ?? "";
        DateTimeOffset time = TimeOf(station, "time");
        bool isRelay = _outputs.TryGetValue(output, out (bool IsRelay, string To) known) && known.IsRelay;
        switch (station.GetProperty("station").GetString())
        {
            case "stored":
                Reach(new TraceStation("stored", output, time, "on disk, in its spool"));
                break;
            case "delivered":
                _waiting.Remove(output);
                if (!_waiting.Contains(output)) _have.Add(output);
                Reach(isRelay ? new TraceStation("acknowledged", output, time, Peer(station)) : new TraceStation("written", output, time, $"to {known.To}"));
                break;
            case "refused":
                _waiting.Remove(output);
                Stop(new TraceStation("refused", output, time, "by the receiver; concentrator spool refused lists it"));
                break;
            case "perhaps dropped":
                _waiting.Remove(output);
                Stop(new TraceStation("dropped", output, time, string.Create(
                    CultureInfo.InvariantCulture,
                    $"perhaps: {station.GetProperty("dropped").GetInt64()} messages left its queue undelivered meanwhile ({station.GetProperty("reason").GetString()})")));
                break;
        }
    }

    private void Reach(TraceStation station) => _isEnough |= !onStation(station);

    private void Stop(TraceStation station)
    {
        Reach(station);
        _stoppedAt ??= $"{station.Output}: {station.Name} {station.Text}";
    }

    /// <param name="isOver">Whether the time is over: otherwise all is known, or the server has gone away.</param>
    /// <param name="limit">That time.</param>
    private TraceResult Judge(bool isOver, TimeSpan limit)
    {
        string inTime = string.Create(CultureInfo.InvariantCulture, $"in {limit.TotalSeconds:0.#} s");
        if (_stoppedAt is not null) return new TraceResult(false, _stoppedAt);
        if (!isOver && (!_isSeen || _waiting.Count > 0)) return new TraceResult(false, "the server has stopped");
        if (!_isSeen) return new TraceResult(false, $"no message with mark {probe.Mark.Text} arrived {inTime}; {probe.Hint}");
        if (_waiting.Count > 0)
            return new TraceResult(false, $"not {inTime}: it is still in the queue of {string.Join(", ", _waiting.Distinct())}; concentrator status says why");
        if (_have.Count == 0)
            return new TraceResult(false, $"no output gets it; {probe.RouteHint}");
        string[] others = [.. _outputs.Keys.Except(_have)];
        string without = others.Length == 0 ? "" : $"; no route leads it to {string.Join(", ", others)}";
        return new TraceResult(true, $"every output that it is routed to has it: {string.Join(", ", _have)}{without}");
    }

    private static string Peer(JsonElement station)
    {
        if (!station.TryGetProperty("endpoint", out JsonElement endpoint)) return "by the receiver";
        string certificate = station.GetProperty("certificate").GetString() is { } subject ? $", certificate {subject}" : "";
        string end = station.GetProperty("certificate_ends").GetString() is { } ends ? $", valid until {ends[..10]}" : "";
        return $"by {endpoint.GetString()}, {station.GetProperty("protocol").GetString()}{certificate}{end}";
    }

    private static DateTimeOffset TimeOf(JsonElement line, string member) =>
        DateTimeOffset.Parse(line.GetProperty(member).GetString() ?? "", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}

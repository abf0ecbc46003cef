namespace Concentrator.Tools.Top;

/// <summary>
/// A reading and the rates since the one before. A rate is per second; it is null without an earlier reading, after a restart of the server
/// in between, and for a listener or output that was not there before.
/// </summary>
internal sealed record RatedReading(ServerReading Now, IReadOnlyList<ListenerRates?> Listeners, IReadOnlyList<OutputRates?> Outputs)
{
    /// <param name="before">Null for the first frame.</param>
    public static RatedReading Between(ServerReading? before, ServerReading now)
    {
        double seconds = before is null ? 0 : (now.Time - before.Time).TotalSeconds;
        bool isSameServer = before is not null && seconds > 0 && now.Process == before.Process && now.Uptime >= before.Uptime;
        return new RatedReading(
            now,
            [.. now.Listeners.Select(listener => isSameServer && before!.Listeners.FirstOrDefault(l => l.Name == listener.Name) is { } earlier
                ? new ListenerRates((listener.Received - earlier.Received) / seconds, (listener.ReceivedBytes - earlier.ReceivedBytes) / seconds)
                : null)],
            [.. now.Outputs.Select(output => isSameServer && before!.Outputs.FirstOrDefault(o => o.Name == output.Name) is { } earlier
                ? new OutputRates(
                    (output.Accepted - earlier.Accepted) / seconds, (output.Delivered - earlier.Delivered) / seconds,
                    (output.Dropped - earlier.Dropped) / seconds)
                : null)]);
    }
}

/// <summary>Messages and bytes a second.</summary>
internal sealed record ListenerRates(double Messages, double Bytes);

/// <summary>Messages a second.</summary>
internal sealed record OutputRates(double Accepted, double Delivered, double Dropped);

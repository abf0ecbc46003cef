using Concentrator.Accounting;

namespace Concentrator.Hosting.Views;

/// <summary>
/// Ready = the server listens, every unix socket still has its path, every file can be written, and no relay is both disconnected and
/// half full. The queue absorbs a relay's short outage; once half full, someone must act or another instance should take the traffic.
/// A file's queue is in memory only, and its disk does not recover by itself.
/// </summary>
internal static class ReadinessRule
{
    /// <summary>The reasons for not being ready, one line each; empty = ready.</summary>
    public static IReadOnlyList<string> Problems(
        bool isListening, IReadOnlyList<ListenerSnapshot> listeners, IReadOnlyList<OutputSnapshot> outputs)
    {
        List<string> problems = [];
        if (!isListening) problems.Add("not listening");
        foreach (ListenerSnapshot listener in listeners)
        {
            if (listener.Problem is { } problem) problems.Add($"listener {listener.Name}: {problem}");
        }
        foreach (OutputSnapshot output in outputs)
        {
            if (output.Problem is { } problem) problems.Add($"file {output.Name}: {problem}");

            // Subtracts instead of doubling, which could overflow.
            if (output.IsRelay && !output.Connected && output.QueuedBytes >= output.Capacity - output.QueuedBytes)
                problems.Add($"relay {output.Name}: not connected, queue at {output.QueuedBytes} of {output.Capacity} bytes");
        }

        return problems;
    }
}

namespace Concentrator.Telemetry;

/// <summary>
/// Ready = the server listens, and no relay is both disconnected and half full. A relay that is away for a while is what
/// the queue is for; with half of it gone somebody has to act, or another instance should take the traffic.
/// </summary>
internal static class ReadinessRule
{
    /// <summary>What stands against being ready, one line each; empty = ready.</summary>
    public static IReadOnlyList<string> Problems(bool isListening, IReadOnlyList<OutputSnapshot> outputs)
    {
        List<string> problems = [];
        if (!isListening) problems.Add("not listening");
        foreach (OutputSnapshot output in outputs)
        {
            // Compared without doubling: no capacity can overflow it.
            if (output.IsRelay && !output.Connected && output.QueuedBytes >= output.Capacity - output.QueuedBytes)
                problems.Add($"relay {output.Name}: not connected, queue {output.QueuedBytes} of {output.Capacity} bytes");
        }

        return problems;
    }
}

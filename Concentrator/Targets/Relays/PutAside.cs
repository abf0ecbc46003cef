using Concentrator.Queues;

namespace Concentrator.Targets.Relays;

/// <summary>Stores messages that the peer refuses permanently in the directory of their queue (<see cref="RefusedMessages"/>).</summary>
internal sealed class PutAside(DeliveryQueue queue, TimeProvider time)
{
    /// <summary>Stores a frame, on a thread that may wait for the disk; returns the result for the log.</summary>
    public Task<string> KeepAsync(ReadOnlyMemory<byte> frame) => Task.Run(() =>
    {
        if (queue.RefusedDirectory is not { } directory) return "not stored, because its queue has no directory";
        try
        {
            return $"stored as {RefusedMessages.Keep(directory, frame.Span, time.GetUtcNow())}";
        }
        catch (IOException e)
        {
            return $"not stored: {e.Message}";
        }
    });
}

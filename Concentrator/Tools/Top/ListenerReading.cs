using System.Text.Json;

namespace Concentrator.Tools.Top;

/// <summary>The counters of one listener, in messages since the server's start.</summary>
/// <param name="KernelDropped">Datagrams that the kernel dropped before they could be read.</param>
/// <param name="LostBefore">Messages that their sender lost before they reached the listener, as far as it says so.</param>
/// <param name="Unreadable">Lines of HAProxy that Sekoia.io's parser does not read, where they go there.</param>
/// <param name="Problem">Why nothing can arrive there at the moment; null if nothing is wrong.</param>
internal sealed record ListenerReading(
    string Name, long Received, long ReceivedBytes, long Unrouted, long KernelDropped, long LostBefore, long Unreadable, bool Balances, string? Problem)
{
    /// <param name="listener">A listener of the status document.</param>
    /// <param name="toSekoia">Whether an output sends to Sekoia.io; otherwise nothing counts as unreadable.</param>
    public static ListenerReading Of(JsonElement listener, bool toSekoia) => new(
        listener.GetProperty("name").GetString() ?? "",
        listener.GetProperty("received").GetInt64(),
        listener.GetProperty("received_bytes").GetInt64(),
        listener.GetProperty("unrouted").GetInt64(),
        listener.GetProperty("kernel_dropped").GetInt64(),
        listener.TryGetProperty("lost_before", out JsonElement lost) ? lost.EnumerateObject().Sum(static reason => reason.Value.GetInt64()) : 0,
        toSekoia && listener.TryGetProperty("insight", out JsonElement insight) && insight.ValueKind == JsonValueKind.Object
            ? insight.GetProperty("unreadable").EnumerateArray().Sum(static kind => kind.GetProperty("count").GetInt64()) : 0,
        listener.GetProperty("balances").GetBoolean(),
        listener.GetProperty("problem").GetString());
}

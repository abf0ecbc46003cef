using System.Text.Json;
using Concentrator.Tools.Status;

namespace Concentrator.Tools.Top;

/// <summary>The counters of one output, in messages since the server's start, and the state of its queue and connection.</summary>
/// <param name="Dropped">For all reasons together.</param>
/// <param name="DrainSeconds">Until the queue is empty; infinite while it does not shrink, null while unknown.</param>
/// <param name="AutonomySeconds">How long an outage the queue has room for; infinite while nothing arrives, null while unknown.</param>
/// <param name="IsConnected">Null for a file.</param>
/// <param name="Problem">Why the file cannot be written at the moment; null if nothing is wrong.</param>
internal sealed record OutputReading(
    string Name, long Accepted, long Delivered, long Queued, long QueuedBytes, long CapacityBytes, long Dropped, bool Balances,
    double? DrainSeconds, double? AutonomySeconds, bool? IsConnected, string? Problem)
{
    /// <summary>How full the queue is, 0 to 1.</summary>
    public double Fill => CapacityBytes > 0 ? Math.Clamp((double)QueuedBytes / CapacityBytes, 0, 1) : 0;

    public static OutputReading Of(JsonElement output)
    {
        JsonElement relay = output.GetProperty("relay");
        return new OutputReading(
            output.GetProperty("name").GetString() ?? "",
            output.GetProperty("accepted").GetInt64(),
            output.GetProperty("delivered").GetInt64(),
            output.GetProperty("queued").GetInt64(),
            output.GetProperty("queued_bytes").GetInt64(),
            output.GetProperty("capacity_bytes").GetInt64(),
            output.GetProperty("dropped").EnumerateObject().Sum(static reason => reason.Value.GetInt64()),
            output.GetProperty("balances").GetBoolean(),
            StatusValues.Seconds(output.GetProperty("drain_seconds")),
            StatusValues.Seconds(output.GetProperty("autonomy_seconds")),
            relay.ValueKind == JsonValueKind.Object ? relay.GetProperty("connected").GetBoolean() : null,
            output.GetProperty("problem").GetString());
    }
}

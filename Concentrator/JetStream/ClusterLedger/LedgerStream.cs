using System.Text.Json;

namespace Concentrator.JetStream.ClusterLedger;

/// <summary>
/// The small stream beside a stream of messages: one subject for each member, and of each the last record only. In files, with as many
/// replicas as the other, and without limits: a few hundred bytes for each member that ever was.
/// </summary>
internal static class LedgerStream
{
    /// <summary>Creates it. Null if it is there now, whoever created it.</summary>
    public static async Task<ApiError?> CreateAsync(NatsSession session, string stream, int replicas, CancellationToken stop)
    {
        (JsonDocument? answer, ApiError? error) = await session.AskAsync(
            $"$JS.API.STREAM.CREATE.{LedgerNames.StreamOf(stream)}", Configuration(stream, replicas), stop).ConfigureAwait(false);
        answer?.Dispose();
        return error is { Number: ApiError.StreamInUse } ? null : error;
    }

    /// <summary>The command that creates it by hand.</summary>
    public static string CommandFor(string stream, int replicas) => FormattableString.Invariant(
        $"nats stream add {LedgerNames.StreamOf(stream)} --subjects='{LedgerNames.AllOf(stream)}' --storage=file --replicas={replicas} --retention=limits --discard=old --max-msgs-per-subject=1 --defaults");

    private static byte[] Configuration(string stream, int replicas) => Json.Write(json =>
    {
        json.WriteString("name", LedgerNames.StreamOf(stream));
        json.WriteStartArray("subjects");
        json.WriteStringValue(LedgerNames.AllOf(stream));
        json.WriteEndArray();
        json.WriteString("retention", "limits");
        json.WriteString("storage", "file");

        // With it a new record takes the place of the member's last one; the other kind would refuse it.
        json.WriteString("discard", "old");
        json.WriteNumber("max_msgs_per_subject", 1);
        json.WriteNumber("max_msg_size", LedgerRecordJson.MostBytes);
        json.WriteNumber("num_replicas", replicas);
        json.WriteNumber("max_consumers", -1);
        json.WriteNumber("max_msgs", -1);
        json.WriteNumber("max_bytes", -1);
        json.WriteNumber("max_age", 0);
    });
}

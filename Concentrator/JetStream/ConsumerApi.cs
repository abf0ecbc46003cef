using System.Text.Json;

namespace Concentrator.JetStream;

/// <summary>The requests to JetStream about a durable pull consumer, which any number of servers share.</summary>
internal static class ConsumerApi
{
    /// <summary>A message that is neither acknowledged nor reported as in progress for so long is given to another server.</summary>
    public static readonly TimeSpan AckWait = TimeSpan.FromSeconds(30);

    /// <summary>Messages of the stream that may be with all servers of a consumer together.</summary>
    private const int MostPending = 8192;

    /// <summary>Finds the consumer, or creates it. Returns what keeps it from being used, in one line; null if nothing does.</summary>
    public static async Task<string?> PrepareAsync(NatsSession session, string stream, string consumer, CancellationToken stop)
    {
        (JsonDocument? answer, ApiError? error) = await session.AskAsync($"$JS.API.CONSUMER.INFO.{stream}.{consumer}", [], stop).ConfigureAwait(false);
        if (error is { Number: ApiError.ConsumerNotFound })
            (answer, error) = await session.AskAsync($"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.{consumer}", Configuration(stream, consumer), stop).ConfigureAwait(false);
        using (answer)
        {
            return error switch
            {
                null => Judge(answer!.RootElement, stream, consumer),
                { Number: ApiError.StreamNotFound } => $"stream {stream} does not exist; start an output with CreateStream, or run: nats stream add {stream}",

                // A user who may only fetch cannot ask: the consumer has to be there.
                { IsDenied: true } => null,
                _ => $"consumer {consumer} of stream {stream}: {error}",
            };
        }
    }

    /// <summary>Asks for a consumer. Exactly one of the results is set.</summary>
    public static async Task<(ConsumerInfo? Info, ApiError? Error)> FindAsync(NatsSession session, string stream, string consumer, CancellationToken stop)
    {
        (JsonDocument? answer, ApiError? error) = await session.AskAsync($"$JS.API.CONSUMER.INFO.{stream}.{consumer}", [], stop).ConfigureAwait(false);
        using (answer)
        {
            return error is null ? (ConsumerInfo.Read(answer!.RootElement), null) : (null, error);
        }
    }

    /// <summary>The request for more messages.</summary>
    public static byte[] Next(int batch, TimeSpan expires) => Json.Write(json =>
    {
        json.WriteNumber("batch", batch);
        json.WriteNumber("expires", Json.Nanoseconds(expires));
    });

    private static string? Judge(JsonElement answer, string stream, string consumer)
    {
        JsonElement config = Json.Object(answer, "config");
        if (Json.Text(config, "deliver_subject") is not null) return $"consumer {consumer} of stream {stream} is a push consumer; a pull consumer is needed: nats consumer add {stream} OTHER --pull --ack=explicit";
        return Json.Text(config, "ack_policy") == "explicit" ? null : $"consumer {consumer} of stream {stream} does not acknowledge each message; one with --ack=explicit is needed";
    }

    private static byte[] Configuration(string stream, string consumer) => Json.Write(json =>
    {
        json.WriteString("stream_name", stream);
        json.WriteStartObject("config");
        json.WriteString("durable_name", consumer);
        json.WriteString("deliver_policy", "all");
        json.WriteString("ack_policy", "explicit");
        json.WriteNumber("ack_wait", Json.Nanoseconds(AckWait));
        json.WriteNumber("max_deliver", -1);
        json.WriteNumber("max_ack_pending", MostPending);
        json.WriteString("replay_policy", "instant");
        json.WriteEndObject();
    });
}

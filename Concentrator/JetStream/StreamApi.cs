using System.Text.Json;
using Concentrator.Configuration.Options;

namespace Concentrator.JetStream;

/// <summary>
/// The requests to JetStream about streams, over a session: subjects below <c>$JS.API</c>, JSON in both directions. Written here because
/// these few requests are all that is needed of the client's package for JetStream, which is twice as large as its core.
/// </summary>
internal static class StreamApi
{
    /// <summary>The window in which a repeated id is recognised, where this server creates the stream: an outage and a restart fit into it.</summary>
    public static readonly TimeSpan DuplicateWindow = TimeSpan.FromMinutes(10);

    /// <summary>Asks for a stream. Exactly one of the results is set.</summary>
    public static Task<(StreamInfo? Info, ApiError? Error)> FindAsync(NatsSession session, string stream, CancellationToken stop) =>
        AskAsync(session, $"$JS.API.STREAM.INFO.{stream}", [], stop);

    /// <summary>Creates a stream: in files, refusing what is new where it is full.</summary>
    public static Task<(StreamInfo? Info, ApiError? Error)> CreateAsync(
        NatsSession session, string stream, string subjects, NatsStreamLimits limits, CancellationToken stop) =>
        AskAsync(session, $"$JS.API.STREAM.CREATE.{stream}", Configuration(stream, subjects, limits), stop);

    /// <summary>The command that creates the same stream by hand.</summary>
    public static string CommandFor(string stream, string subjects, NatsStreamLimits? limits)
    {
        limits ??= new NatsStreamLimits();
        string bytes = limits.MaxBytes is { } most ? FormattableString.Invariant($" --max-bytes={most}") : "";
        string age = limits.MaxAge is { } oldest ? FormattableString.Invariant($" --max-age={(long)oldest.TotalSeconds}s") : "";
        return FormattableString.Invariant(
            $"nats stream add {stream} --subjects='{subjects}' --storage=file --replicas={limits.Replicas} --retention={WordOf(limits.Retention, inCommand: true)} --discard=new --dupe-window={DuplicateWindow.TotalMinutes:0}m{bytes}{age} --defaults");
    }

    private static async Task<(StreamInfo? Info, ApiError? Error)> AskAsync(NatsSession session, string subject, byte[] request, CancellationToken stop)
    {
        (JsonDocument? answer, ApiError? error) = await session.AskAsync(subject, request, stop).ConfigureAwait(false);
        using (answer)
        {
            return error is null ? (StreamInfo.Read(answer!.RootElement), null) : (null, error);
        }
    }

    private static string WordOf(NatsRetention retention, bool inCommand) => retention == NatsRetention.Limits ? "limits" : inCommand ? "work" : "workqueue";

    private static byte[] Configuration(string stream, string subjects, NatsStreamLimits limits) => Json.Write(json =>
    {
        json.WriteString("name", stream);
        json.WriteStartArray("subjects");
        json.WriteStringValue(subjects);
        json.WriteEndArray();
        json.WriteString("retention", WordOf(limits.Retention, inCommand: false));
        json.WriteString("storage", "file");
        json.WriteString("discard", "new");
        json.WriteNumber("num_replicas", limits.Replicas);
        json.WriteNumber("max_consumers", -1);
        json.WriteNumber("max_msgs", -1);
        json.WriteNumber("max_bytes", limits.MaxBytes ?? -1);
        json.WriteNumber("max_age", Json.Nanoseconds(limits.MaxAge ?? TimeSpan.Zero));
        json.WriteNumber("max_msg_size", -1);

        // The window may not be longer than the oldest message.
        json.WriteNumber("duplicate_window", Json.Nanoseconds(limits.MaxAge is { } age && age < DuplicateWindow ? age : DuplicateWindow));
    });
}

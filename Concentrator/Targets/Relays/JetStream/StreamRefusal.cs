using Concentrator.Configuration.Options;
using Concentrator.JetStream;

namespace Concentrator.Targets.Relays.JetStream;

/// <summary>What an error of JetStream means for an output, in one line: what happened, and what would help.</summary>
internal static class StreamRefusal
{
    /// <summary>A publication was not stored.</summary>
    public static string OfPublication(ApiError error, NatsOutputOptions output, string subject)
    {
        string stream = output.Stream;
        return error.Number switch
        {
            ApiError.StoreFailed => $"stream {stream} takes no more: {error}; what comes waits in the spool until there is room: consume it, or nats stream edit {stream} --max-bytes=…",
            ApiError.ExpectedStream => $"subject {subject} belongs to another stream than {stream}: {error}; set Stream, or the subjects of the streams",
            ApiError.NoQuorum => $"stream {stream} has no quorum of servers: {error}; what comes waits in the spool",
            ApiError.MessageTooLong => $"stream {stream} takes no message of this size: {error}; nats stream edit {stream} --max-msg-size=-1",
            _ when error.Code == 503 && error.Number == 0 => $"stream {stream} answers nothing for subject {subject}: {error}; what comes waits in the spool",
            _ => $"stream {stream} did not take a message: {error}",
        };
    }

    /// <summary>The stream cannot be used.</summary>
    public static (string Reason, string Remedy) OfStream(ApiError error, NatsOutputOptions output, string subjects)
    {
        string command = StreamApi.CommandFor(output.Stream, subjects, output.CreateStream);
        return error.Number switch
        {
            ApiError.StreamNotFound => ($"stream {output.Stream} does not exist; set CreateStream, or run: {command}", command),
            ApiError.NotEnabled or ApiError.NotForAccount => ($"{error}; configure jetstream on the servers, and for the account", "nats account info"),
            ApiError.NoQuorum => ($"{error}: too few servers of the cluster are up", "nats server report jetstream"),
            _ => ($"stream {output.Stream}: {error}", $"nats stream info {output.Stream}"),
        };
    }
}

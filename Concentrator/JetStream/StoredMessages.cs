using System.Text;
using System.Text.Json;

namespace Concentrator.JetStream;

/// <summary>A message as its stream keeps it.</summary>
/// <param name="Sequence">Its number in the stream.</param>
/// <param name="Subject">Where it was published.</param>
/// <param name="Claimed">Syslog messages that its headers claim (<see cref="StreamMessage.Claimed(NATS.Client.Core.NatsHeaders?)"/>).</param>
/// <param name="Bytes">Its payload.</param>
internal sealed record StoredMessage(long Sequence, string Subject, int Claimed, byte[] Bytes);

/// <summary>Reads messages that are in a stream, one request each, without any consumer: nothing changes by it.</summary>
internal static class StoredMessages
{
    /// <summary>The first message whose number is at least <paramref name="from"/>; both results are null if there is none.</summary>
    public static async Task<(StoredMessage? Message, ApiError? Error)> NextAsync(NatsSession session, string stream, long from, CancellationToken stop)
    {
        byte[] request = Json.Write(json =>
        {
            json.WriteNumber("seq", Math.Max(1, from));
            json.WriteString("next_by_subj", ">");
        });
        (JsonDocument? answer, ApiError? error) = await session.AskAsync($"$JS.API.STREAM.MSG.GET.{stream}", request, stop).ConfigureAwait(false);
        using (answer)
        {
            if (error is { Number: ApiError.MessageNotFound }) return (null, null);
            return error is null ? (Read(Json.Object(answer!.RootElement, "message")), null) : (null, error);
        }
    }

    private static StoredMessage? Read(JsonElement message)
    {
        if (Json.Long(message, "seq") is not (> 0 and long sequence)) return null;
        string headers = Encoding.Latin1.GetString(Json.Bytes(message, "hdrs"));
        return new StoredMessage(sequence, Json.Text(message, "subject") ?? "", Claimed(headers), Json.Bytes(message, "data"));
    }

    /// <summary>As the header lines of NATS say: a first line with the version, then <c>Name: value</c>; of several, the last counts.</summary>
    private static int Claimed(string headers)
    {
        bool isBlock = false;
        int claimed = 0;
        foreach (string line in headers.Split("\r\n"))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) continue;
            ReadOnlySpan<char> name = line.AsSpan(0, colon);
            isBlock |= name is BlockHeaders.Version;
            if (name is BlockHeaders.Count) claimed = StreamMessage.Claimed(line.AsSpan(colon + 1).Trim());
        }
        return isBlock ? claimed : 1;
    }
}

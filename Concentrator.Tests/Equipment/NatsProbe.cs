using System.Text;
using System.Text.Json;
using NATS.Client.Core;

namespace Concentrator.Tests.Equipment;

/// <summary>A message of a stream as it lies there.</summary>
internal sealed record StoredMessage(long Number, string Subject, IReadOnlyDictionary<string, string> Headers, byte[] Bytes);

/// <summary>Asks a nats-server, and reads a stream, with the client library alone: nothing of the server under test is used.</summary>
internal static class NatsProbe
{
    /// <summary>The answer to a request; null if there is none.</summary>
    public static string? Ask(NatsServer server, string subject, string request = "", NatsAuthOpts? auth = null) => AskAsync(server, subject, request, auth).GetAwaiter().GetResult();

    /// <summary>Creates a stream with that configuration, as a JSON object without its name.</summary>
    public static string CreateStream(NatsServer server, string stream, string configuration) =>
        Ask(server, $"$JS.API.STREAM.CREATE.{stream}", $$"""{"name":"{{stream}}",{{configuration}}}""") ?? throw new InvalidOperationException("no answer");

    /// <summary>Deletes all messages.</summary>
    public static void Purge(NatsServer server, string stream) => Ask(server, $"$JS.API.STREAM.PURGE.{stream}");

    /// <summary>Deletes those messages, and what was before them; not what came since they were read.</summary>
    public static void Purge(NatsServer server, string stream, IReadOnlyList<StoredMessage> read)
    {
        if (read.Count > 0) Ask(server, $"$JS.API.STREAM.PURGE.{stream}", $$"""{"seq":{{read[^1].Number + 1}}}""");
    }

    /// <summary>Messages in the stream.</summary>
    public static long Count(NatsServer server, string stream)
    {
        if (Ask(server, $"$JS.API.STREAM.INFO.{stream}") is not { } answer) return -1;
        using JsonDocument document = JsonDocument.Parse(answer);
        return document.RootElement.TryGetProperty("state", out JsonElement state) ? state.GetProperty("messages").GetInt64() : -1;
    }

    /// <summary>What a consumer has still to give out, and what is not acknowledged; -1 if there is no such consumer.</summary>
    public static (long Left, long Unacknowledged) Pending(NatsServer server, string stream, string consumer)
    {
        if (Ask(server, $"$JS.API.CONSUMER.INFO.{stream}.{consumer}") is not { } answer) return (-1, -1);
        using JsonDocument document = JsonDocument.Parse(answer);
        return document.RootElement.TryGetProperty("num_pending", out JsonElement left)
            ? (left.GetInt64(), document.RootElement.GetProperty("num_ack_pending").GetInt64())
            : (-1, -1);
    }

    /// <summary>Publishes one message with those headers, and waits until the stream has it.</summary>
    public static void Publish(NatsServer server, string subject, string text, params (string Name, string Value)[] headers) => PublishAsync(server, subject, text, headers).GetAwaiter().GetResult();

    /// <summary>All messages of a stream, in order.</summary>
    public static IReadOnlyList<StoredMessage> ReadAll(NatsServer server, string stream) => ReadAllAsync(server, stream).GetAwaiter().GetResult();

    /// <summary>The frames of all blocks of a stream, in order, each checked; single messages as they are.</summary>
    public static SequenceLedger Sequence(NatsServer server, string stream) => Sequence(ReadAll(server, stream));

    /// <summary>As <see cref="Sequence(NatsServer, string)"/>, of messages that were read.</summary>
    public static SequenceLedger Sequence(IReadOnlyList<StoredMessage> read)
    {
        SequenceLedger ledger = new();
        foreach (StoredMessage message in read)
        {
            if (!message.Headers.ContainsKey("Concentrator-Block"))
            {
                ledger.Record(message.Bytes);
                continue;
            }
            int frames = 0;
            ReadOnlySpan<byte> rest = message.Bytes;
            while (!rest.IsEmpty)
            {
                int blank = rest.IndexOf((byte)' ');
                int length = int.Parse(rest[..blank], System.Globalization.CultureInfo.InvariantCulture);
                ledger.Record(rest.Slice(blank + 1, length));
                rest = rest[(blank + 1 + length)..];
                frames++;
            }
            if (message.Headers["Concentrator-Count"] != frames.ToString(System.Globalization.CultureInfo.InvariantCulture))
                throw new InvalidDataException($"{frames} frames, but {message.Headers["Concentrator-Count"]} in the header");
        }
        return ledger;
    }

    private static NatsOpts Options(NatsServer server, NatsAuthOpts? auth) => NatsOpts.Default with { Url = $"nats://{server.Address}", AuthOpts = auth ?? NatsAuthOpts.Default };

    private static async Task<string?> AskAsync(NatsServer server, string subject, string request, NatsAuthOpts? auth)
    {
        try
        {
            await using NatsConnection connection = new(Options(server, auth));
            NatsMsg<byte[]> reply = await connection.RequestAsync<byte[], byte[]>(
                subject, Encoding.UTF8.GetBytes(request), replyOpts: new NatsSubOpts { Timeout = TimeSpan.FromSeconds(3) });
            return reply.Data is { Length: > 0 } data ? Encoding.UTF8.GetString(data) : null;
        }
        catch (NatsException)
        {
            return null;
        }
    }

    private static async Task PublishAsync(NatsServer server, string subject, string text, (string Name, string Value)[] headers)
    {
        await using NatsConnection connection = new(Options(server, null));
        NatsHeaders all = [];
        foreach ((string name, string value) in headers) all.Add(name, value);
        await connection.RequestAsync<byte[], byte[]>(subject, Encoding.UTF8.GetBytes(text), headers: all);
    }

    private static async Task<IReadOnlyList<StoredMessage>> ReadAllAsync(NatsServer server, string stream)
    {
        List<StoredMessage> messages = [];
        await using NatsConnection connection = new(Options(server, null));
        NatsMsg<byte[]> info = await connection.RequestAsync<byte[], byte[]>($"$JS.API.STREAM.INFO.{stream}", []);
        using JsonDocument document = JsonDocument.Parse(info.Data!);
        JsonElement state = document.RootElement.GetProperty("state");
        long last = state.GetProperty("last_seq").GetInt64();
        for (long seq = state.GetProperty("first_seq").GetInt64(); seq <= last; seq++)
        {
            NatsMsg<byte[]> answer = await connection.RequestAsync<byte[], byte[]>($"$JS.API.STREAM.MSG.GET.{stream}", Encoding.ASCII.GetBytes($$"""{"seq":{{seq}}}"""));
            using JsonDocument got = JsonDocument.Parse(answer.Data!);
            if (!got.RootElement.TryGetProperty("message", out JsonElement message)) continue;
            Dictionary<string, string> headers = [];
            if (message.TryGetProperty("hdrs", out JsonElement encoded))
            {
                foreach (string line in Encoding.ASCII.GetString(encoded.GetBytesFromBase64()).Split("\r\n").Skip(1).Where(static l => l.Contains(':', StringComparison.Ordinal)))
                    headers[line[..line.IndexOf(':', StringComparison.Ordinal)]] = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            }
            messages.Add(new StoredMessage(seq, message.GetProperty("subject").GetString()!, headers, message.GetProperty("data").GetBytesFromBase64()));
        }
        return messages;
    }
}

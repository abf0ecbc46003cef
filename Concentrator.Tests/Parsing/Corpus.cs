using System.Text.Json;
using Concentrator.Bytes;
using Concentrator.Messages.Parsing;

namespace Concentrator.Tests.Parsing;

/// <summary>The messages that a real HAProxy sent, with the fields that they hold; README.md beside the files explains them.</summary>
internal static class Corpus
{
    public static readonly string Directory = Path.Combine(AppContext.BaseDirectory, "Corpus");

    public static readonly IReadOnlyList<CorpusMessage> Messages = Load();

    private static List<CorpusMessage> Load()
    {
        List<CorpusMessage> messages = [];
        foreach (string path in System.IO.Directory.GetFiles(Directory, "*.jsonl").Order(StringComparer.Ordinal))
        {
            foreach (string line in File.ReadLines(path))
            {
                using JsonDocument json = JsonDocument.Parse(line);
                messages.Add(new CorpusMessage(json.RootElement));
            }
        }
        return messages;
    }
}

internal sealed class CorpusMessage
{
    public CorpusMessage(JsonElement json)
    {
        Id = json.GetProperty("id").GetString()!;
        Format = json.GetProperty("format").GetString()!;
        Transport = json.GetProperty("transport").GetString()!;
        Log = json.GetProperty("log").GetString()!;
        IsMalformed = json.TryGetProperty("malformed", out _);
        IsFragment = json.TryGetProperty("note", out JsonElement note) && note.GetString()!.Contains("line", StringComparison.Ordinal);
        byte[] raw = json.GetProperty("raw_b64").GetBytesFromBase64();
        Frame = Transport.EndsWith("octet", StringComparison.Ordinal) ? raw[(Digits.CountLeading(raw) + 1)..] : raw;
        Expected = new Fields(json.GetProperty("expect"));
        ExpectedInAuto = json.TryGetProperty("expect_auto", out JsonElement auto) ? new Fields(auto) : Expected;
    }

    public string Id { get; }

    /// <summary>The header that HAProxy was configured to write.</summary>
    public string Format { get; }

    public string Transport { get; }

    /// <summary>What HAProxy was made to write: <c>httplog</c>, <c>tcplog</c>, <c>notice</c> and the like.</summary>
    public string Log { get; }

    /// <summary>HAProxy wrote a header that its format does not allow.</summary>
    public bool IsMalformed { get; }

    /// <summary>Half of a message that LF framing split, or a line that a client forged.</summary>
    public bool IsFragment { get; }

    /// <summary>Without the octet count, with the trailing LF that came.</summary>
    public byte[] Frame { get; }

    public Fields Expected { get; }

    public Fields ExpectedInAuto { get; }

    public HeaderFormat Hint => Format switch
    {
        "local" => HeaderFormat.Local,
        "rfc3164" => HeaderFormat.Rfc3164,
        "rfc5424" => HeaderFormat.Rfc5424,
        "timed" => HeaderFormat.Timed,
        "iso" => HeaderFormat.Iso,
        "raw" => HeaderFormat.Raw,
        "priority" or "short" or "auto" => HeaderFormat.Auto,
        _ => throw new InvalidDataException(Format),
    };

    public override string ToString() => $"{Id} {Format}";
}

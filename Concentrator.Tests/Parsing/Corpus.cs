using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Concentrator.Bytes;
using Concentrator.Messages;

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
        IsMalformed = json.TryGetProperty("malformed", out _);
        IsFragment = json.TryGetProperty("note", out JsonElement note) && note.GetString()!.Contains("line", StringComparison.Ordinal);
        byte[] raw = json.GetProperty("raw_b64").GetBytesFromBase64();
        Frame = Transport.EndsWith("octet", StringComparison.Ordinal) ? raw[(Digits.CountLeading(raw) + 1)..] : raw;
        Expected = new ExpectedFields(json.GetProperty("expect"));
        ExpectedInAuto = json.TryGetProperty("expect_auto", out JsonElement auto) ? new ExpectedFields(auto) : Expected;
    }

    public string Id { get; }

    /// <summary>The header that HAProxy was configured to write.</summary>
    public string Format { get; }

    public string Transport { get; }

    /// <summary>HAProxy wrote a header that its format does not allow.</summary>
    public bool IsMalformed { get; }

    /// <summary>Half of a message that LF framing split, or a line that a client forged.</summary>
    public bool IsFragment { get; }

    /// <summary>Without the octet count, with the trailing LF that came.</summary>
    public byte[] Frame { get; }

    public ExpectedFields Expected { get; }

    public ExpectedFields ExpectedInAuto { get; }

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

/// <summary>Fields as text (Latin-1, so that every byte has one character); empty where missing.</summary>
internal sealed partial record ExpectedFields
{
    public ExpectedFields(JsonElement json)
    {
        Pri = json.GetProperty("pri").ValueKind == JsonValueKind.Null ? null : json.GetProperty("pri").GetInt32();
        Version = json.GetProperty("version").ValueKind == JsonValueKind.Null ? 0 : json.GetProperty("version").GetInt32();
        Timestamp = Field(json, "timestamp");
        HostName = Field(json, "hostname");
        AppName = Field(json, "app");
        ProcId = Field(json, "procid");
        MsgId = Field(json, "msgid");
        StructuredData = Field(json, "sd");
        Text = Encoding.Latin1.GetString(json.GetProperty("msg_b64").GetBytesFromBase64());
    }

    public ExpectedFields(in SyslogMessage message)
    {
        Pri = message.HasPri ? message.Pri : null;
        Version = message.Version;
        Timestamp = Encoding.Latin1.GetString(message.Timestamp);
        HostName = Encoding.Latin1.GetString(message.HostName);
        AppName = Encoding.Latin1.GetString(message.AppName);
        ProcId = Encoding.Latin1.GetString(message.ProcId);
        MsgId = Encoding.Latin1.GetString(message.MsgId);
        StructuredData = Encoding.Latin1.GetString(message.StructuredData);
        Text = Encoding.Latin1.GetString(message.Text);
    }

    public int? Pri { get; init; }
    public int Version { get; init; }
    public string Timestamp { get; init; }
    public string HostName { get; init; }
    public string AppName { get; init; }
    public string ProcId { get; init; }
    public string MsgId { get; init; }
    public string StructuredData { get; init; }
    public string Text { get; init; }

    // The corpus writes a byte that is not UTF-8 as a lone surrogate (Python's surrogateescape), which is not JSON.
    private static string Field(JsonElement json, string name)
    {
        JsonElement value = json.GetProperty(name);
        if (value.ValueKind == JsonValueKind.Null)
            return "";
        string marked = LoneSurrogate().Replace(value.GetRawText(), static match => $"\\uE0{match.Groups[1].Value}");
        using JsonDocument document = JsonDocument.Parse(marked);
        StringBuilder bytes = new();
        foreach (Rune rune in document.RootElement.GetString()!.EnumerateRunes())
        {
            if (rune.Value is >= 0xE080 and <= 0xE0FF)
                bytes.Append((char)(rune.Value - 0xE000));
            else
                bytes.Append(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(rune.ToString())));
        }
        return bytes.ToString();
    }

    [GeneratedRegex(@"\\u[dD][cC]([89a-fA-F][0-9a-fA-F])")]
    private static partial Regex LoneSurrogate();
}

using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Concentrator.Messages;

namespace Concentrator.Tests.Parsing;

/// <summary>Fields as text (Latin-1, so that every byte has one character); empty where missing.</summary>
internal sealed partial record Fields
{
    public Fields(JsonElement json)
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

    /// <summary>Nothing recognised: all of it is text.</summary>
    public Fields(string text)
    {
        Timestamp = HostName = AppName = ProcId = MsgId = StructuredData = "";
        Text = text;
    }

    public Fields(in SyslogMessage message)
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

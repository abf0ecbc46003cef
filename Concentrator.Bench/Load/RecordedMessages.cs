using System.Text.Json;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Measure;

namespace Concentrator.Bench.Load;

/// <summary>Recorded messages, each with a stamp appended.</summary>
internal static class RecordedMessages
{
    /// <summary>Reads one message per line and skips empty lines.</summary>
    /// <exception cref="UnusableException">There is no such file, or it has no message.</exception>
    public static IReadOnlyList<FrameTemplate> FromFile(string path)
    {
        byte[] content;
        try
        {
            content = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UnusableException($"--replay {path}: {e.Message}");
        }
        List<FrameTemplate> messages = [];
        ReadOnlySpan<byte> rest = content;
        foreach (Range line in rest.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> message = rest[line].TrimEnd((byte)'\r');
            if (!message.IsEmpty && message.Length < HttpLine.LongestSize - SendStamp.Length) messages.Add(FrameTemplate.Append(message));
        }
        return messages.Count > 0 ? messages : throw new UnusableException($"--replay {path}: the file contains no message; write one per line");
    }

    /// <summary>Messages of a real HAProxy 2.6, shared with the tests: all its header and log formats.</summary>
    /// <param name="lines">Whether to leave out messages that contain LF.</param>
    public static IReadOnlyList<FrameTemplate> Corpus(bool lines)
    {
        List<FrameTemplate> messages = [];
        string directory = Path.Combine(AppContext.BaseDirectory, "Corpus");
        foreach (string path in Directory.GetFiles(directory, "*.jsonl").Order(StringComparer.Ordinal))
        {
            // Octet-counted recordings still have their counts. The other transports cover every message.
            if (path.EndsWith("octet.jsonl", StringComparison.Ordinal)) continue;
            foreach (string line in File.ReadLines(path))
            {
                using JsonDocument json = JsonDocument.Parse(line);
                ReadOnlySpan<byte> message = json.RootElement.GetProperty("raw_b64").GetBytesFromBase64();
                message = message.TrimEnd("\n\0"u8);
                if (message.Length >= HttpLine.LongestSize - SendStamp.Length - 1) continue;
                if (!lines || !message.Contains((byte)'\n')) messages.Add(FrameTemplate.Append(message));
            }
        }
        return messages;
    }
}

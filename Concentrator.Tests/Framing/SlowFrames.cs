using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Tests.FrameScanning;

/// <summary>The frames of a whole stream, found the slow and obvious way: the reference for <see cref="FrameScanner"/>.</summary>
internal static class SlowFrames
{
    public static List<string> Of(Framing framing, int maxMessageSize, byte[] stream)
    {
        string text = Encoding.Latin1.GetString(stream);
        if (framing == Framing.Auto && Regex.IsMatch(text, "^[0-9]{1,8} "))
            framing = Framing.OctetCounted;
        if (framing is Framing.Auto or Framing.LfOrNul)
            return SlowInferredFrames.Of(text, framing == Framing.LfOrNul, maxMessageSize);
        return framing == Framing.OctetCounted ? Counted(text, maxMessageSize) : Lines(text, framing, maxMessageSize);
    }

    private static List<string> Lines(string text, Framing framing, int maxMessageSize)
    {
        List<string> frames = [];
        foreach (string part in text.Split(framing == Framing.Nul ? '\0' : '\n'))
        {
            string line = framing == Framing.Lf && part.EndsWith('\r') ? part[..^1] : part;
            if (line.Length > maxMessageSize)
                frames.Add(line[..maxMessageSize] + "…");
            else if (line.Length > 0)
                frames.Add(line);
        }
        return frames;
    }

    private static List<string> Counted(string text, int maxMessageSize)
    {
        List<string> frames = [];
        while (true)
        {
            text = text.TrimStart('\n', '\r', '\0');
            if (text.Length == 0)
                return frames;
            int blank = text.IndexOf(' ', StringComparison.Ordinal);
            string count = blank < 0 ? text : text[..blank];
            if (count.Length is 0 or > 8 || !count.All(char.IsAsciiDigit))
            {
                frames.Add("!");
                return frames;
            }
            if (blank < 0)
                return frames;
            int length = int.Parse(count, System.Globalization.CultureInfo.InvariantCulture);
            text = text[(blank + 1)..];
            string body = text[..Math.Min(length, text.Length)];
            text = text[body.Length..];
            if (body.Length > maxMessageSize)
                frames.Add(body[..maxMessageSize] + "…");
            else if (body.Length > 0)
                frames.Add(body + (body.Length < length ? "…" : ""));
        }
    }
}

using System.Text.RegularExpressions;

namespace Concentrator.Tests.FrameScanning;

/// <summary>The messages of a sender that ends them with LF, NUL or both, found the slow and obvious way: the reference for <c>InferredEnds</c>.</summary>
internal static partial class SlowInferredFrames
{
    public static List<string> Of(string text, bool bothEnd, int maxMessageSize)
    {
        List<string> frames = [];
        string kind = bothEnd ? "both" : "unknown", previous = "unknown", before = "";
        while (text.Length > 0)
        {
            bool begins = before.Length == 0 && Pri().IsMatch(text);
            if (!bothEnd && begins && previous != "unknown") kind = previous;
            bool isHeld = kind == "unknown" && begins;
            int end = Within(isHeld ? NulOrLfPri() : kind switch
            {
                "lf" => LfOrNulPri(),
                "nul" => NulOrLfPri(),
                "unknown" when before.Length == 0 => LfOrNulPri(),
                _ => LfOrNul(),
            });
            if (isHeld && (end < 0 || text[end] == '\n'))
            {
                if (end >= 0) kind = "lf";
                end = Within(LfOrNul());
            }
            bool isLast = end < 0 && text.Length <= maxMessageSize + 2;
            string message = end < 0 ? text : text[..end];
            if (isLast) message = Regex.Replace(message, "\\r?\\n?\\0?\\z", "");
            else if (end >= 0) message = Regex.Replace(message, text[end] == '\n' ? "\\r\\z" : "\\r?\\n\\z", "");
            if (message.Length > maxMessageSize)
            {
                frames.Add(before + text[..maxMessageSize] + "…");
                text = text[maxMessageSize..];
                before = "…";
                continue;
            }
            if (message.Length > 0) frames.Add(before + message);
            if (isLast) break;
            previous = text[end] == '\n' ? "lf" : "nul";
            before = "";
            text = text[(end + 1)..];
        }
        return frames;

        // A message of the maximum, CR, LF and NUL.
        int Within(Regex mark) => mark.Match(text) is { Success: true } match && match.Index <= maxMessageSize + 2 ? match.Index : -1;
    }

    [GeneratedRegex("\\A<[0-9]{1,3}>")]
    private static partial Regex Pri();

    [GeneratedRegex("[\\n\\0]")]
    private static partial Regex LfOrNul();

    [GeneratedRegex("\\n|\\0(?=<[0-9]{1,3}>)")]
    private static partial Regex LfOrNulPri();

    [GeneratedRegex("\\0|\\n(?=<[0-9]{1,3}>)")]
    private static partial Regex NulOrLfPri();
}

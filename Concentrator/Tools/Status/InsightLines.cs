using System.Text.Json;

namespace Concentrator.Tools.Status;

/// <summary>What a listener's lines of HAProxy give to say: lines that were cut, and each kind that Sekoia.io's parser does not read, with its remedy.</summary>
internal static class InsightLines
{
    /// <param name="listener">A listener of the status document.</param>
    /// <param name="toSekoia">Whether an output sends to Sekoia.io; otherwise nobody misses what its parser does not read.</param>
    public static IEnumerable<string> Of(JsonElement listener, bool toSekoia)
    {
        // A server of an earlier version may be running.
        if (!listener.TryGetProperty("insight", out JsonElement insight) || insight.ValueKind != JsonValueKind.Object) yield break;
        if (insight.GetProperty("cut_lines").GetInt64() is > 0 and long cut)
            yield return $"{StatusValues.Number(cut)} lines of HAProxy were cut at {Lengths(insight)}: raise 'len' of its log line, or 'maxlen' of its ring";
        if (!toSekoia) yield break;
        foreach (JsonElement kind in insight.GetProperty("unreadable").EnumerateArray())
        {
            yield return $"{StatusValues.Number(kind.GetProperty("count").GetInt64())} lines of HAProxy that Sekoia.io does not parse "
                + $"({kind.GetProperty("kind").GetString()}): {kind.GetProperty("remedy").GetString()}";
        }
    }

    /// <summary>Whether an output of the document sends to Sekoia.io.</summary>
    public static bool HasSekoia(JsonElement status) => status.GetProperty("outputs").EnumerateArray()
        .Any(static output => output.TryGetProperty("sekoia", out JsonElement sekoia) && sekoia.GetBoolean());

    /// <summary>The lengths at which lines were cut, as text.</summary>
    public static string Lengths(JsonElement insight) =>
        $"{string.Join(", ", insight.GetProperty("cut_lengths").EnumerateArray().Select(static length => StatusValues.Number(length.GetInt64())))} bytes";
}

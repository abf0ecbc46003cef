using System.Text;

namespace Concentrator.Messages.Rendering;

/// <summary>
/// <c>[SEKOIA@53288 intake_key="KEY"]</c>, the SD-ELEMENT by which Sekoia.io identifies the owner of an event. A sender that could add
/// a second one would write into another intake.
/// </summary>
internal static class SekoiaElement
{
    private static ReadOnlySpan<byte> Opening => "[SEKOIA@53288"u8;

    /// <summary>The element with a key; bytes that would end the value are escaped as in every PARAM-VALUE.</summary>
    public static string With(string intakeKey)
    {
        string value = intakeKey.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("]", "\\]", StringComparison.Ordinal);
        return $"{Encoding.ASCII.GetString(Opening)} intake_key=\"{value}\"]";
    }

    /// <summary>Replaces the opening bracket of each such element, in upper or lower case, with <c>_</c>.</summary>
    public static void DefuseIn(Span<byte> sent)
    {
        for (int next = sent.IndexOf((byte)'['); next >= 0; next = sent.IndexOf((byte)'['))
        {
            sent = sent[next..];
            if (sent.Length >= Opening.Length && Ascii.EqualsIgnoreCase(sent[..Opening.Length], Opening))
                sent[0] = (byte)'_';
            sent = sent[1..];
        }
    }
}

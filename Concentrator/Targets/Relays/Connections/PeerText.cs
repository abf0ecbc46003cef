using System.Text;

namespace Concentrator.Targets.Relays.Connections;

/// <summary>Makes text from a peer fit for one line of the log.</summary>
internal static class PeerText
{
    /// <summary>Limit of bytes that are shown.</summary>
    public const int Most = 200;

    /// <summary>Decodes as UTF-8, replaces control characters, and cuts at <see cref="Most"/> bytes.</summary>
    public static string Show(ReadOnlySpan<byte> text)
    {
        StringBuilder shown = new(Encoding.UTF8.GetString(text[..Math.Min(text.Length, Most)]).Trim());
        for (int i = 0; i < shown.Length; i++)
        {
            if (char.IsControl(shown[i])) shown[i] = shown[i] == '\n' ? ' ' : '?';
        }
        return text.Length > Most ? shown.Append('…').ToString() : shown.ToString();
    }
}

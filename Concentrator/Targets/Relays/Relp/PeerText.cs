using System.Text;

namespace Concentrator.Targets.Relays.Relp;

/// <summary>What a peer says, made fit for one line of our log.</summary>
internal static class PeerText
{
    /// <summary>Bytes of it that are shown.</summary>
    public const int Most = 200;

    /// <summary>As UTF-8, without control characters, cut at <see cref="Most"/> bytes.</summary>
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

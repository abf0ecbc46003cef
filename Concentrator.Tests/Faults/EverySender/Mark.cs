using System.Buffers.Text;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>How a message was found at a receiver.</summary>
internal enum Found
{
    /// <summary>None of ours.</summary>
    Unmarked,

    /// <summary>It begins with its mark and ends with it.</summary>
    Whole,

    /// <summary>Its end is missing.</summary>
    Cut,

    /// <summary>Another message begins in it.</summary>
    Glued,
}

/// <summary>
/// What every message of a soak carries, once where its text begins and once where it ends: the number of its series, and its own
/// number in there. Of printable ASCII without a colon, so that no format and no parser changes it.
/// </summary>
internal readonly record struct Mark(int Series, int Number)
{
    private const byte Edge = (byte)'~';

    public override string ToString() => $"{Series}.{Number}";

    public string Begin() => $"~B{this}~";

    public string End() => $"~E{this}~";

    /// <summary>Looks through a line of a file, a frame, or whatever a receiver takes for one message.</summary>
    public static Found Find(ReadOnlySpan<byte> message, out Mark mark)
    {
        mark = default;
        int begins = 0;
        bool ends = false;
        for (int at; (at = message.IndexOf(Edge)) >= 0;)
        {
            message = message[(at + 1)..];
            if (message.IsEmpty || message[0] is not ((byte)'B' or (byte)'E') || !TryRead(message[1..], out Mark found)) continue;
            if (message[0] == (byte)'E')
            {
                ends |= begins > 0 && found == mark;
                continue;
            }
            if (begins++ == 0) mark = found;
        }
        if (begins == 0) return Found.Unmarked;
        if (begins > 1) return Found.Glued;
        return ends ? Found.Whole : Found.Cut;
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out Mark mark)
    {
        mark = default;
        if (!Utf8Parser.TryParse(text, out int series, out int used) || used >= text.Length || text[used] != (byte)'.') return false;
        text = text[(used + 1)..];
        if (!Utf8Parser.TryParse(text, out int number, out used) || used >= text.Length || text[used] != Edge) return false;
        mark = new Mark(series, number);
        return true;
    }
}

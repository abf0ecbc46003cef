using System.Text;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// Numbered messages of every size between two bounds, most of them small: each power of two is as likely as the next. Size and text
/// follow from the number alone, so a receiver can tell a whole message from one that is cut or mixed with another. One thread.
/// </summary>
internal sealed class SizedMessages(int seed, int smallest, int largest)
{
    private readonly byte[] _header = Encoding.ASCII.GetBytes("<134>Nov 22 06:13:25 haproxy[32177]: ");
    private readonly byte[] _bytes = new byte[largest];

    /// <summary>Bytes of the message with that number, header and all.</summary>
    public int Size(int number)
    {
        // The two bounds themselves come too, each once in a hundred.
        double point = number % 100 == 98 ? 1 : number % 100 == 99 ? 0 : new Random(seed + number).NextDouble();
        return (int)Math.Round(smallest * Math.Pow((double)largest / smallest, point));
    }

    /// <summary>The message with that number; valid until the next call.</summary>
    public ReadOnlySpan<byte> Render(int number)
    {
        Span<byte> message = _bytes.AsSpan(0, Size(number));
        byte[] begin = [.. _header, .. Encoding.ASCII.GetBytes($"begin={number} ")], end = Encoding.ASCII.GetBytes($" seq={number}");
        begin.CopyTo(message);
        message[begin.Length..^end.Length].Fill(Letter(number));
        end.CopyTo(message[^end.Length..]);
        return message;
    }

    /// <summary>Whether what ends with a <c>seq=</c> has the whole text of that message, and nothing else, behind whatever header it got.</summary>
    public bool IsWhole(ReadOnlySpan<byte> received)
    {
        int at = received.IndexOf("begin="u8), end = received.LastIndexOf(" seq="u8);
        if (at < 0 || end < at || !int.TryParse(received[(end + 5)..], out int number)) return false;
        byte[] begin = Encoding.ASCII.GetBytes($"begin={number} ");
        return received[at..].StartsWith(begin) && _header.Length + received.Length - at == Size(number)
            && received[(at + begin.Length)..end].IndexOfAnyExcept(Letter(number)) < 0;
    }

    private static byte Letter(int number) => (byte)('a' + (number % 26));
}

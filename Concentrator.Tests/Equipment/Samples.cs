using System.Globalization;
using System.Text;

namespace Concentrator.Tests.Equipment;

/// <summary>Frames that find out whether a peer keeps bytes as they are.</summary>
internal static class Samples
{
    /// <summary>The header followed by: text, LF inside and at the end, controls, invalid UTF-8, nothing, digits, 200 kB.</summary>
    public static byte[][] Frames(string header)
    {
        byte[] start = Encoding.UTF8.GetBytes(header);
        byte[] large = new byte[200_000];
        Array.Fill(large, (byte)'x');
        return
        [
            [.. start, .. "plain"u8],
            [.. start, .. "line\nfeed at the end\n\n"u8],
            [.. start, .. "tab\tescape\e return\r delete\u007f \r"u8],
            [.. start, 0xff, 0xfe, (byte)' ', 0xc3, (byte)'(', 0x80],
            [.. start, .. "naïve 日本語 🙂"u8],
            [.. start],
            [.. start, .. "12 looks like a frame"u8],
            [.. start, .. "   blanks first and last   "u8],
            [.. start, .. large],
        ];
    }

    public static byte[] OctetCounted(IEnumerable<byte[]> frames)
    {
        using MemoryStream stream = new();
        foreach (byte[] frame in frames)
        {
            stream.Write(Encoding.ASCII.GetBytes(frame.Length.ToString(CultureInfo.InvariantCulture)));
            stream.WriteByte((byte)' ');
            stream.Write(frame);
        }
        return stream.ToArray();
    }
}

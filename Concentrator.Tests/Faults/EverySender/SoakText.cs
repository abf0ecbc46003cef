using System.Text;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>The messages of a soak, as senders write them, each with its mark.</summary>
internal static class SoakText
{
    /// <summary>A line of HAProxy's with Debian's header.</summary>
    public const int Usual = 300;

    /// <summary>Of so many bytes, or as few more as its marks need.</summary>
    public static byte[] Local(Series series, int length = Usual) => Filled(series, "<134>Nov 22 06:13:25 haproxy[32177]: ", length);

    /// <summary>For an output that takes a part of the messages: its word stands in the text.</summary>
    public static byte[] For(string word, Series series, int length = Usual) =>
        Filled(series, $"<134>1 2026-11-22T06:13:25.123456+00:00 edge app 7 - - to-{word} ", length);

    /// <summary>What no RFC foresees, before a text that is as any other.</summary>
    public static byte[] Malformed(Series series, Random random)
    {
        byte[] noise = new byte[random.Next(200)];
        random.NextBytes(noise);
        noise.AsSpan().Replace((byte)'~', (byte)'-');
        string before = random.Next(8) switch
        {
            0 => "",
            1 => "<999>1 - - - ",
            2 => "<13>",
            3 => "<13>1 2026-11-22T06:13:25Z host app 1 ID [broken sd=\"x ",
            4 => $"<13>1 2026-11-22T06:13:25Z {new string('h', 300)} {new string('a', 60)} - - - ",
            5 => "<13>Nov 22 06:13:25 \0\0\0 ",
            6 => "<13>Nov 22 06:13:25 h t[1]: one\nline and\ranother\t",
            _ => Encoding.Latin1.GetString(noise) + " ",
        };
        Mark mark = series.Next(Usual);
        return Encoding.Latin1.GetBytes($"{before}{mark.Begin()} {mark.End()}");
    }

    /// <summary>So many bytes, most of them few: a tenth goes up to the most.</summary>
    public static int Size(Random random, int most) => random.Next(10) > 0 ? Usual : (int)(Usual * Math.Pow((double)most / Usual, random.NextDouble()));

    private static byte[] Filled(Series series, string header, int length)
    {
        Mark mark = series.Next(length);
        string begin = $"{header}{mark.Begin()} ";
        string end = $" {mark.End()}";
        return Encoding.ASCII.GetBytes(begin + new string('x', Math.Max(0, length - begin.Length - end.Length)) + end);
    }
}

using System.Text;
using Concentrator.Messages.Parsing;
using FsCheck;
using FsCheck.Fluent;

namespace Concentrator.Tests.Parsing;

/// <summary>Random frames: messages of every format with odd but likely pieces, some of them damaged, and plain noise.</summary>
internal static class Frames
{
    public static readonly Gen<HeaderFormat> Hints = Gen.Elements(Enum.GetValues<HeaderFormat>());

    private static readonly Gen<string> Pri = Gen.Frequency(
        (8, Gen.Choose(0, 191).Select(static n => $"<{n}>")),
        (1, Gen.Elements("<13> ", "<13>  ")),
        (1, Gen.Elements("<192>", "<999>", "<013>", "<00>", "<>", "<1234>", "<-1>", "< 1>", "<13", "", "<BADREQ>")));

    private static readonly Gen<string> Modern = Gen.Elements(
        "2026-11-22T06:13:25.123456+00:00", "2026-11-22T06:13:25Z", "2026-02-28T23:59:59.1-03:30", "2024-02-29T00:00:00+05:45",
        "2026-11-30T06:13:25.123456-12:00", "2026-11-31T06:13:25.123456+00:00", "2025-02-29T06:13:25.123456+00:00", "2026-11-00T06:13:25.123456+00:00", "2026-11-22T29:13:25.123456+00:00",
        "2025-02-29T00:00:00Z", "0000-02-29T00:00:00Z",
        "2026-11-22T06:13:25.1234567Z", "2026-11-22T06:13:25.1234567890Z", "2026-11-22T24:00:00Z", "2026-11-22T06:13:60Z",
        "2026-13-01T00:00:00Z", "2026-11-22T06:13:25", "2026-11-22T06:13:25.+00:00", "2026-11-22t06:13:25z", "2026-11-22T06:13:25+24:00",
        "2026-11-22T06:13+0100", "2026-11-22 06:13:25", "2026-11-22 06:13:25 +01:00", "2026-11-22T06:13:25 +24:00", "2026-11-22T06:13:25+01", "2026-11-22T06:13:25+0160",
        "2026-11-22T06:13:25:", "2026-11-22T06:13:", "2026-11-22T06:13:2", "2026-11-22T06:13:25+01:", "2026-11-22T06:13", "2026-11-22t06:13:25.5", "2026-11-22T06:13:25 +01:00:",
        "2026-11-22T06:13:25.123456,00:00", "9999-12-31T23:59:59.999999-14:00", "-", "", "x");

    private static readonly Gen<string> Old = Gen.Elements(
        "Nov 22 06:13:25", "Nov  2 06:13:25", "Nov 2 06:13:25", "Nov 02 06:13:25", "Nov 30 23:59:60", "Nov 31 06:13:25", "Nov 32 06:13:25",
        "Nov  0 06:13:25", "Nov 00 06:13:25", "Nov 22 24:13:25", "Nov 22 06:60:25", "Nov 22 06:13:61", "Nov 22 2026 06:13:25", "Nov 22 06:13:25 2026",
        "Nov 22 06:13:25 1969", "Nov 22 06:13:25.123", "Nov 22 06:13:25.1234567890", "Nov 22 06:13:2", "Nox 22 06:13:25", "nov 22 06:13:25", "Nov  12 06:13:25",
        "NOV 22 06:13:25", "Nov 22 06:13:25:", "Nov 22 06:13:25.123:", "Nov 22 2026 06:13:25:", "2026 Nov 22 06:13:25", "2026 Nov 22 2026 06:13:25", "1969 Nov 22 06:13:25", "Nov 22 6:13:25",
        "Nov 22 :13:25", "2026 Nov", "Nov 22 06:13:25:x");

    private static readonly Gen<string> Word = Gen.Frequency(
        (6, Gen.Elements("host", "node.example.test", "haproxy", "192.0.2.1", "2001:db8::1", "a", "-", "app", "my app", "r\u00C3\u00A9p", "[x]", "x/y", "ID47", "0002::", "::1", "1:2:3:4:5:6:7:", "fe80::1:", "{\"a\"")),
        (2, Gen.Elements("", "t\tb", "l\nf", "n\0l", "d\x7Fl", "1", "2026", "a:b", "]:", ":", "[1]", "[", "\u00FF")),
        (1, Gen.Elements(31, 32, 33, 47, 48, 49, 127, 128, 129, 254, 255, 256).Select(static n => new string('w', n))));

    private static readonly Gen<string> Tag =
        from name in Word
        from pid in Gen.Elements("", "", "[12]", "[12]", "[]", "[p]", "[-]", "[1][2]", "[1", "2]", "[123456789012345]")
        from end in Gen.Elements(": ", ": ", ": ", ":", " ", "", ":  ", ":[x] ", "] ")
        select name + pid + end;

    private static readonly Gen<string> Text = Gen.Elements(
        "", " ", "some text", "a: b", "x[1]: y", "\u00EF\u00BB\u00BFbom", "two\nlines", "tail\n\n", "tail\r\n", "nul\0", "1 - - - - - -", "<13>1 - - - - - - x", "2026 words", "[a b=\"c\"] x", "-", "\"]: ");

    private static readonly Gen<string> Element =
        from id in Gen.Elements("a", "a@32473", "bad id", "", "x=y", "q\"q", "\u00C3", "SEKOIA@53288", new string('i', 32), new string('i', 33))
        from count in Gen.Choose(0, 3)
        from pairs in Pair.ArrayOf(count)
        from close in Gen.Elements("]", "]", "]", "]", "", " ]", "]]")
        select $"[{id}{string.Concat(pairs)}{close}";

    private static readonly Gen<string> StructuredData = Gen.Frequency(
        (3, Gen.Constant("-")),
        (5, from count in Gen.Choose(1, 3) from elements in Element.ArrayOf(count) select string.Concat(elements)),
        (1, Gen.Elements("", "fe=\"bad\"", "[bad sd no close te", "[a b", "[a b=", "[a b=\"c", "[a b=\"c\\", "[a b=\"c\"", "[", "-x", "[a] [b]")));

    private static Gen<string> Pair =>
        from blank in Gen.Elements(" ", " ", " ", " ", "  ", "")
        from name in Gen.Elements("k", "key", "k", "", "k]", new string('k', 33))
        from equal in Gen.Elements("=", "=", "=", "=", " ", "==")
        from value in Gen.Elements("\"v\"", "\"v\"", "\"\"", "\"\\\"\\]\\\\\"", "\"\\x\"", "\"a]b\"", "\"a\"b\"", "\"l\nf\"", "v", "\"v", "\"\\\"")
        select blank + name + equal + value;

    private static readonly Gen<string> WellFormed = Gen.OneOf(
        from pri in Pri
        from version in Gen.Elements("1 ", "1 ", "1 ", "1 ", "1", "2 ", "10 ", " 1 ")
        from time in Modern
        from host in Word
        from app in Word
        from procId in Word
        from msgId in Word
        from data in StructuredData
        from text in Text
        select $"{pri}{version}{time} {host} {app} {procId} {msgId} {data} {text}",
        from pri in Pri
        from time in Gen.OneOf(Old, Old, Modern, Gen.Constant(""))
        from host in Gen.OneOf(Gen.Constant(""), Word.Select(static w => w + " "))
        from tag in Gen.OneOf(Tag, Tag, Gen.Constant(""))
        from text in Text
        select $"{pri}{time} {host}{tag}{text}",
        from pri in Gen.OneOf(Pri, Gen.Constant(""))
        from time in Gen.OneOf(Modern, Gen.Constant(""))
        from text in Text
        select $"{pri}{time} {text}");

    /// <summary>One byte a character, Latin-1.</summary>
    public static Gen<byte[]> All { get; } = Gen.Frequency(
        (6, WellFormed),
        (2, from frame in WellFormed from cut in Gen.Choose(0, 120) select frame[..Math.Min(cut, frame.Length)]),
        (3, from frame in WellFormed
            from place in Gen.Choose(0, 120)
            from value in Gen.Elements(" \n\0<>[]\":=-1\\x\u00FF".ToCharArray())
            select place < frame.Length ? frame[..place] + value + frame[(place + 1)..] : frame + value),
        (1, from noise in Gen.Choose(0, 255).ArrayOf() select string.Concat(noise.Select(static n => (char)n))))
        .Select(static text => Encoding.Latin1.GetBytes(text));
}

using System.Text;
using Concentrator.Bytes;
using Concentrator.Messages;
using Concentrator.Messages.HAProxyLines;
using Concentrator.Messages.Parsing;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Parsing;
using NUnit.Framework;

namespace Concentrator.Tests.Insight;

/// <summary>What a line of HAProxy says, and whether Sekoia.io's parser reads it.</summary>
internal sealed class LineScannerTests
{
    private const string Line = "127.0.0.1:48907 [22/Nov/2026:06:04:19.212] www~ be_app/app1 1/2/3/40/+500 200 +98 - - --VN 2/2/0/0/0 0/0 ";

    private const string Common = "192.0.2.10:51124 [22/Nov/2026:06:13:25.103] www~ be_app/app1 0/0/1/18/19 200 5120 - - ---- 12/12/3/1/0 0/0 ";

    private static readonly RecentNames None = new();

    /// <summary>The names of the line compared before.</summary>
    private RecentNames _before = new();

    private readonly GuardedBytes _guarded = new();

    /// <summary>The corpus' texts of HAProxy's own lines.</summary>
    private static readonly (string Log, byte[] Text)[] Texts =
    [
        .. from sample in Corpus.Messages
           where sample.Log != "log-forward" && !sample.IsFragment
           select (sample.Log, TextOf(sample)),
    ];

    private static readonly byte[][] Traffic = [.. Texts.Where(static sample => Kind(sample.Text) is LineKind.Request or LineKind.TcpSession).Select(static sample => sample.Text)];

    [OneTimeTearDown]
    public void Unmap() => _guarded.Dispose();

    [TestCase("httplog", LineKind.Request, LineKind.OddUri, LineKind.UnixClient)]
    [TestCase("httplog-asap", LineKind.Request)]
    [TestCase("httplog-captures", LineKind.Request)]
    [TestCase("loglevel", LineKind.Request)]
    [TestCase("edge-tag", LineKind.Request)]
    [TestCase("httpslog", LineKind.RequestWithTlsVersion)]
    [TestCase("tcplog", LineKind.TcpSession)]
    [TestCase("clf-httplog", LineKind.Clf)]
    [TestCase("json", LineKind.Json)]
    [TestCase("conn-error", LineKind.ConnectionError)]
    [TestCase("ssl-error", LineKind.ConnectionError)]
    [TestCase("error-log-format", LineKind.Custom)]
    [TestCase("custom", LineKind.Custom)]
    [TestCase("custom-uri", LineKind.Custom)]
    [TestCase("raw-expr", LineKind.Custom)]
    [TestCase("connect", LineKind.Connect, LineKind.UnixClient)]
    [TestCase("notice", LineKind.StateNotice, LineKind.HealthCheck)]
    [TestCase("ring-dropped", LineKind.DroppedNotice)]
    [TestCase("truncation", LineKind.Truncated, LineKind.Request, LineKind.Custom)]
    public void The_corpus_has_the_kinds_that_HAProxy_was_made_to_write(string log, params LineKind[] kinds)
    {
        byte[][] lines = [.. Texts.Where(sample => sample.Log == log).Select(static sample => sample.Text)];
        Assert.That(lines, Is.Not.Empty);
        Assert.That(lines.Where(line => !kinds.Contains(Kind(line))).Select(static line => $"{Kind(line)}: {Latin(line)}"), Is.Empty);
        Assert.That(kinds.Where(kind => !lines.Any(line => Kind(line) == kind)), Is.Empty, "each occurs");
    }

    [Test]
    public void The_corpus_and_every_beginning_of_its_lines_give_what_the_plain_reading_gives()
    {
        List<string> wrong = [];
        foreach ((_, byte[] text) in Texts)
            for (int length = 0; length <= Math.Min(text.Length, 400); length++) Compare(text.AsSpan(0, length), wrong);
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Lines_with_other_bytes_give_what_the_plain_reading_gives()
    {
        Assert.That(Traffic, Has.Length.GreaterThan(100));
        Random random = new(11);
        byte[] odd = [.. " /\"{}[]-+:~.0159aZ|\0\n"u8, 0xE9];
        List<string> wrong = [];
        for (int n = 0; n < 100_000; n++)
        {
            byte[] text = (byte[])Traffic[random.Next(Traffic.Length)].Clone();
            if (text.Length > 500) continue;
            for (int changes = random.Next(1, 4); changes > 0; changes--) text[random.Next(text.Length)] = odd[random.Next(odd.Length)];
            Compare(text, wrong);
        }
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Whatever_pieces_a_line_is_made_of_it_has_a_kind_and_an_example()
    {
        string[] pieces =
        [
            "127.0.0.1:1", "unix:1", "Connect from ", "Connect to ", " ", "[22/Nov/2026:06:04:19.212]", "[22/Nov", " [", "www~", "www/1:", "be/s", "/", "0/0/0/0/0", "1/0/0", "-1/", "200", "-1",
            "98", "- - ", "a=b c", "----", "SD", "2/2/0/0/0", "0/0", "{", "a|b}", "\"", "\"GET /a?b HTTP/1.1\"", "<BADREQ>", "]: [", "haproxy[1]", "WEB] 1 ", " lc=", "12345678901234567890", " TLSv1.3",
            "/TLSv1.3/", " - ", " events dropped", "\0", "\n", ")", "Server ", "backend ", "é", "",
        ];
        Random random = new(5);
        for (int n = 0; n < 300_000; n++)
        {
            byte[] text = Bytes(string.Concat(Enumerable.Range(0, random.Next(1, 16)).Select(_ => pieces[random.Next(pieces.Length)] + (random.Next(2) == 0 ? " " : ""))));
            HAProxyLineScanner.Scan(Message(text), None, out HAProxyLine line);
            string example = MaskedLine.Of(text, line.Kind);
            bool isWhole = !line.IsTraffic || (!line.Frontend.IsEmpty && !line.Backend.IsEmpty && line.ResponseTime >= -1 && line.ActiveTime >= -1);
            Assert.That(isWhole && example.Length <= MaskedLine.MostLength + 1, Latin(text));
        }
    }

    [Test]
    public void The_parser_reads_exactly_the_lines_that_are_not_reported()
    {
        List<string> wrong = [];
        foreach ((_, byte[] text) in Texts)
        {
            LineKind kind = Kind(text);
            if (SlowLine.IsRead(Latin(text)) != (kind <= LineKind.RequestWithTlsVersion)) wrong.Add($"{kind}: {Latin(text)}");
        }
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Whatever_characters_a_request_has_it_is_read_where_the_parser_reads_it([Values("GET", "POST", "DELETE")] string method)
    {
        Random random = new(17);
        char[] usual = [.. "abcXYZ019/-_.;,%&=~!|[]<>{}^`\\"];
        List<string> wrong = [];
        for (int n = 0; n < 60_000; n++)
        {
            StringBuilder uri = new();
            int length = random.Next(n % 3 == 0 ? 8 : 80), odd = random.Next(4) == 0 ? random.Next(length + 1) : -1, query = random.Next(2) == 0 ? random.Next(length + 1) : -1;
            for (int i = 0; i < length; i++) uri.Append(i == query ? '?' : i == odd ? (char)random.Next(256) : usual[random.Next(random.Next(40) == 0 ? usual.Length : 19)]);
            string line = $"{Common}\"{method} /{uri} HTTP/1.1\"";
            if (SlowLine.IsRead(line) != (Kind(Bytes(line)) <= LineKind.RequestWithTlsVersion)) wrong.Add($"{Kind(Bytes(line))}: {line}");
        }
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Times_names_and_counts_of_any_length_give_what_the_plain_reading_gives()
    {
        Random random = new(19);
        string Number(int most) => string.Concat(Enumerable.Range(0, random.Next(1, most + 1)).Select(_ => (char)('0' + random.Next(10))));
        string Name() => new('n', random.Next(random.Next(8) == 0 ? 70 : 20));
        List<string> wrong = [];
        for (int n = 0; n < 60_000; n++)
        {
            string times = $"{Number(2)}/{Number(2)}/{Number(3)}/{Number(9)}/{Number(9)}", counts = $"{Number(5)}/{Number(5)}/{Number(4)}/{Number(3)}/{Number(1)} {Number(3)}/{Number(3)}";
            string text = $"192.0.2.{Number(3)}:{Number(5)} [22/Nov/2026:06:13:25.103] {Name()}{(n % 2 == 0 ? "~" : "")} {Name()}/{Name()} {times} {Number(3)} {Number(12)} - - {(n % 4 == 0 ? "SD" : "--")}-- {counts} \"GET / HTTP/1.1\"";
            Compare(Bytes(text), wrong);
            Compare(Bytes(text[..random.Next(text.Length)]), wrong);
        }
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void A_request_gives_its_fields()
    {
        HAProxyLineScanner.Scan(Message(Bytes(Line + "\"GET /a?b=c HTTP/1.1\" lc=4711")), None, out HAProxyLine line);
        Assert.That(SlowLine.Of(line), Is.EqualTo(new SlowLine("traffic", "www", "be_app", 200, 40, 500, "--")));
        Assert.That((line.Kind, line.LogCounter, line.IsUnfinished), Is.EqualTo((LineKind.Request, 4711L, false)));
    }

    [TestCase("\"GET / HTTP/1.1\"", LineKind.Request)]
    [TestCase("\"GET https://127.0.0.1:7551/h2 HTTP/2.0\"", LineKind.Request)]
    [TestCase("\"<BADREQ>\"", LineKind.Request)]
    [TestCase("{a|b} {c} \"GET / HTTP/1.1\"", LineKind.Request)]
    [TestCase("\"GET / HTTP/1.1\" TLSv1.3", LineKind.Request)]
    [TestCase("\"GET / HTTP/1.1\" 0/0/0/0/0 -/-/-", LineKind.Request)]
    [TestCase("\"GET / HTTP/1.1\" 0/0000000000000000/0/0/1 h/TLSv1.3/TLS_AES_256_GCM_SHA384", LineKind.RequestWithTlsVersion)]
    [TestCase("\"OPTIONS * HTTP/1.1\"", LineKind.OddUri)]
    [TestCase("\"CONNECT example.com:443 HTTP/1.1\"", LineKind.OddUri)]
    [TestCase("\"GET /a|b HTTP/1.1\"", LineKind.OddUri)]
    [TestCase("\"GET /a?b^c HTTP/1.1\"", LineKind.OddUri)]
    [TestCase("\"GET /a HTT", LineKind.Truncated)]
    [TestCase("{curl/8", LineKind.Truncated)]
    [TestCase("id=7 \"GET / HTTP/1.1\"", LineKind.Custom)]
    public void The_end_of_a_request_decides_whether_it_is_read(string end, LineKind kind)
    {
        HAProxyLineScanner.Scan(Message(Bytes(Line + end)), None, out HAProxyLine line);
        Assert.That((line.Kind, line.IsTraffic), Is.EqualTo((kind, true)), "counted in any case");
    }

    [TestCase("[WEB] 1 {\"code\":200}", LineKind.MarkedJson)]
    [TestCase("haproxy-lb[16320]: [ACCESS] 2022 {\"ctn\":\"html\"}", LineKind.MarkedJson)]
    [TestCase("haproxy-lb[]: [ACCESS] 2022 {\"ctn\":\"html\"}", LineKind.Custom)]
    [TestCase("[WEB] {\"code\":200}", LineKind.Custom)]
    [TestCase("]: [", LineKind.Custom)]
    [TestCase("[", LineKind.Custom)]
    [TestCase("Connect from 127.0.0.1:52406 to 127.0.0.1:20026 (conn/TCP)", LineKind.Connect)]
    [TestCase("Connect from 127.0.0.1:52406 to 127.0.", LineKind.Truncated)]
    [TestCase("Connect to unix:3 (conn/TCP)", LineKind.UnixClient)]
    [TestCase("127.0.0.1:35634 [22/Nov/2026:11:49", LineKind.Truncated)]
    [TestCase("127.0.0.1:35634 [", LineKind.Truncated)]
    [TestCase("unix:3 [22/Nov/2026:06:04:26.855] www be/s 0/0/0/0/0 200 98 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"", LineKind.UnixClient)]
    [TestCase("client [22/Nov/2026:06:04:26.855] www be/s 0/0/0/0/0 200 98 - - ---- 1/1/0/0/0 0/0 \"GET / HTTP/1.1\"", LineKind.Custom)]
    [TestCase("f/2: SSL handshake failure", LineKind.Custom)]
    [TestCase("", LineKind.Custom)]
    [TestCase("-", LineKind.Custom)]
    public void A_line_has_its_kind(string line, LineKind kind) => Assert.That(Kind(Bytes(line)), Is.EqualTo(kind));

    [TestCase("353 events dropped", 353L)]
    [TestCase("353 events dropped\0", 353L)]
    [TestCase("1 event dropped", 1L)]
    [TestCase("353 events dropped by somebody", -1L)]
    [TestCase("events dropped", -1L)]
    [TestCase("9999999999999999999999 events dropped", -1L)]
    public void A_rings_notice_gives_its_number(string text, long dropped) =>
        Assert.That(RingNotice.TryRead(Bytes(text), out long found) ? found : -1, Is.EqualTo(dropped));

    [Test]
    public void Reading_lines_allocates_nothing() => Assert.That(
        Allocation.InSteadyState(static () =>
        {
            foreach ((_, byte[] text) in Texts) HAProxyLineScanner.Scan(Message(text), None, out _);
        }),
        Is.Zero);

    /// <summary>Compares the line with the plain reading: with no names known, with those of the line before, and with its own. Nothing behind it may be read.</summary>
    private void Compare(ReadOnlySpan<byte> line, List<string> wrong)
    {
        if (SlowLine.Read(Latin(line)) is not { } expected) return;
        ReadOnlySpan<byte> text = _guarded.Hold(line);
        RecentNames own = new();
        foreach (RecentNames names in (RecentNames[])[None, _before, own])
        {
            HAProxyLineScanner.Scan(Message(text), names, out HAProxyLine read);
            if (SlowLine.Of(read) != expected && read.Kind != LineKind.UnixClient) wrong.Add($"{Latin(text)}\n{SlowLine.Of(read)}\n{expected}");
            own.Keep(read);
        }
        _before = own;
    }

    private static SyslogMessage Message(ReadOnlySpan<byte> text) => new() { Text = text, IsPlain = ControlBytes.AreNotIn(text) };

    private static LineKind Kind(byte[] text)
    {
        HAProxyLineScanner.Scan(Message(text), None, out HAProxyLine line);
        return line.Kind;
    }

    private static byte[] TextOf(CorpusMessage sample)
    {
        SyslogParser.Parse(sample.Frame, sample.Hint, out SyslogMessage message);
        return message.Text.ToArray();
    }

    private static string Latin(ReadOnlySpan<byte> text) => Encoding.Latin1.GetString(text);

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}

using System.Text;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Targets.Relays.Relp;
using Concentrator.Tests.Equipment;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Targets.Relp;

/// <summary>What a peer sends, byte by byte.</summary>
internal sealed class RelpFrameTests
{
    private const string Session = "1 rsp 93 200 OK\nrelp_version=0\nrelp_software=librelp,1.11.0,http://librelp.adiscon.com\ncommands=syslog\n"
        + "2 rsp 6 200 OK\n999999999 rsp 8 500 no\n!\n3 rsp 0\n0 hint 2 \0\n\n0 serverclose 0\n";

    [Test]
    public void A_session_is_read_the_same_wherever_it_is_cut()
    {
        byte[] stream = Encoding.ASCII.GetBytes(Session);
        string[] expected = ["1 Response 200 93", "2 Response 200 6", "999999999 Response 500 8", "3 Response -1 0", "0 Hint -1 2", "0 ServerClose -1 0"];
        for (int first = 0; first <= stream.Length; first++)
        {
            for (int second = first; second <= stream.Length; second += 7)
                Assert.That(ReadInPieces(stream, first, second), Is.EqualTo(expected), $"cut at {first} and {second}");
        }
    }

    [Test]
    public void Any_frames_are_read_as_a_slow_reader_reads_them()
    {
        Gen<string> one =
            from transaction in Gen.OneOf(Gen.Choose(0, 20), Gen.Choose(999_999_990, 999_999_999))
            from data in Gen.OneOf(Gen.Elements("", "200 OK", "500 too long", "200", "2000", "20x"), Gen.Choose(0, 4096).Select(static n => new string('d', n)))
            select Encoding.ASCII.GetString(RelpFrames.Write(transaction, transaction == 0 ? "serverclose" : "rsp", data));
        Prop.ForAll(one.ArrayOf().ToArbitrary(), Gen.Choose(1, 5000).ToArbitrary(), (frames, piece) =>
        {
            byte[] stream = Encoding.ASCII.GetBytes(string.Concat(frames));
            string[] slow = [.. new RelpFrames().Feed(stream).Select(static f =>
                $"{f.Transaction} {(f.Command == "rsp" ? "Response" : "ServerClose")} {SlowStatus(f.Data)} {f.Data.Length}")];
            return Read(new PieceStream(stream, piece)).SequenceEqual(slow);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    [TestCase("HTTP/1.1 400 Bad Request\r\n")]
    [TestCase(" 1 rsp 0\n")]
    [TestCase("-1 rsp 0\n")]
    [TestCase("1000000000 rsp 0\n", Description = "ten digits")]
    [TestCase("1  rsp 0\n")]
    [TestCase("1\nrsp 0\n")]
    [TestCase("1 r5p 0\n")]
    [TestCase("1 abcdefghijklmnopqrstuvwxyzabcdefg 0\n", Description = "33 letters")]
    [TestCase("1 open 0\n", Description = "a command to us")]
    [TestCase("1 serverclose 0\n", Description = "a hint has transaction 0")]
    [TestCase("0 rsp 0\n")]
    [TestCase("1 rsp x\n")]
    [TestCase("1 rsp -1\n")]
    [TestCase("1 rsp 4097 ", Description = "more than is taken")]
    [TestCase("1 rsp 999999999 ")]
    [TestCase("1 rsp 9999999999 ")]
    [TestCase("1 rsp 6\n200 OK\n")]
    [TestCase("1 rsp 6 200 OK.\n")]
    [TestCase("1 rsp 0 \n")]
    public void What_is_not_RELP_is_broken_at_its_first_wrong_byte_and_not_before(string text)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        RelpParse[] seen = [.. Enumerable.Range(0, bytes.Length + 1).Select(n => RelpFrame.TryParse(bytes.AsMemory(0, n), out _, out _))];
        Assert.That(seen, Does.Not.Contain(RelpParse.Frame));
        Assert.That(seen[0], Is.EqualTo(RelpParse.Partial));
        Assert.That(seen[^1], Is.EqualTo(RelpParse.Broken));
        Assert.That(seen.SkipWhile(static p => p == RelpParse.Partial), Is.All.EqualTo(RelpParse.Broken));
    }

    [Test]
    public void Any_bytes_are_a_frame_or_part_of_one_or_broken_and_never_more()
    {
        Prop.ForAll<byte[]>(static bytes =>
        {
            RelpParse parse = RelpFrame.TryParse(bytes, out RelpFrame frame, out int length);
            return parse == RelpParse.Frame ? length <= bytes.Length && frame.Data.Length < length : length == 0;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Test]
    public void What_a_peer_says_is_one_short_line_in_the_log() =>
        Assert.That(PeerText.Show(Encoding.UTF8.GetBytes("500 \u001b[31mno\nüber\r\0\u0085" + new string('x', 5000))),
            Does.StartWith("500 ?[31mno über??").And.EndsWith("x…").And.Length.LessThanOrEqualTo(PeerText.Most + 1));

    private static string[] ReadInPieces(byte[] stream, int first, int second) => Read(new PieceStream(stream, first, second));

    private static string[] Read(Stream stream)
    {
        RelpReader reader = new();
        List<string> frames = [];
        while (true)
        {
            RelpParse parse = reader.TryRead(out RelpFrame frame);
            if (parse == RelpParse.Broken) throw new InvalidDataException(reader.Unread);
            if (parse == RelpParse.Frame) frames.Add($"{frame.Transaction} {frame.Command} {frame.Status} {frame.Data.Length}");
            if (parse == RelpParse.Frame) continue;
            int received = stream.Read(reader.Room.Span);
            if (received == 0) return [.. frames];
            reader.Add(received);
        }
    }

    private static int SlowStatus(byte[] data)
    {
        string word = Encoding.ASCII.GetString(data).Split(' ', '\n')[0];
        return word.Length == 3 && word.All(char.IsAsciiDigit) ? int.Parse(word, System.Globalization.CultureInfo.InvariantCulture) : -1;
    }

    /// <summary>Gives out its bytes up to certain places, or in pieces of one size, whatever room there is.</summary>
    private sealed class PieceStream : MemoryStream
    {
        private readonly Func<long, long> _nextCut;

        public PieceStream(byte[] bytes, int size) : base(bytes) => _nextCut = at => at + size;

        public PieceStream(byte[] bytes, int first, int second) : base(bytes) =>
            _nextCut = at => at < first ? first : at < second ? second : bytes.Length;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..(int)Math.Min(buffer.Length, _nextCut(Position) - Position)]);
    }
}

using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>Nothing a sender does ends a listener, and the counters say what it did.</summary>
internal sealed class HostileInputTests : ServerTests
{
    private const int Most = 4096;

    private readonly TempDirectory _directory = new();
    private readonly TlsIntake _intake = NewIntake();
    private readonly int _tcp = FreePort.Next();
    private readonly int _udp = FreePort.Next();
    private ServerProcess _server = null!;
    private int _good;

    [OneTimeSetUp]
    public void StartServer() => _server = Start(
        new
        {
            Listeners = new
            {
                tcp = new { Address = $"tcp://127.0.0.1:{_tcp}", MaxMessageSize = Most },
                counted = new { Address = $"unix-stream:{_directory.Socket("counted")}", Framing = "octet-counted", MaxMessageSize = Most },
                dgram = new { Address = $"unix-dgram:{_directory.Socket("dgram")}" },
                small = new { Address = $"unix-dgram:{_directory.Socket("small")}", MaxMessageSize = Most },
                udp = new { Address = $"udp://127.0.0.1:{_udp}" },
            },
            Outputs = new { file = LogFile(_directory), sekoia = Relay(_intake, _directory) },
        },
        _directory);

    [OneTimeTearDown]
    public void EndPeers()
    {
        _server.Dispose();
        _intake.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Binary_lines_are_kept_whole_and_counted_as_malformed()
    {
        byte[] binary = new byte[1000];
        new Random(1).NextBytes(binary);
        binary.AsSpan().Replace((byte)'\n', (byte)'x');
        binary[0] = 0xFF;
        Delta delta = Measure("tcp");
        OverTcp([.. binary, (byte)'\n']);
        Happened(delta, received: 1, malformed: 1);
    }

    [Test]
    public void An_endless_line_is_cut_and_none_of_it_is_dropped()
    {
        Delta delta = Measure("tcp");
        using StreamSender sender = StreamSender.Tcp(_tcp, Framing.Lf);
        byte[] piece = Encoding.ASCII.GetBytes(new string('a', 64 * 1024));
        for (int i = 0; i < 64; i++) sender.SendRaw(piece);
        sender.SendRaw("\n"u8);
        GoodArrives(sender.Send);
        int pieces = 64 * piece.Length / Most;
        Happened(delta, received: pieces + 1, truncated: pieces - 1, malformed: 1);
    }

    [TestCase("999999999999 <134>1 ")]
    [TestCase("123456789 <134>1 ")]
    [TestCase("<134>1 no length")]
    [TestCase("12x4 text")]
    [TestCase(" 5 hello")]
    [TestCase("-5 hello")]
    public void A_length_that_cannot_be_cuts_that_connection_and_is_counted(string bytes)
    {
        Delta delta = Measure("counted");
        using StreamSender sender = StreamSender.Unix(_directory["counted"], Framing.OctetCounted);
        sender.Send(Lines.Message("before the break"));
        sender.SendRaw(Encoding.ASCII.GetBytes(bytes));
        Assert.That(sender.WaitForClose());
        using StreamSender next = StreamSender.Unix(_directory["counted"], Framing.OctetCounted);
        GoodArrives(next.Send);
        Happened(delta, received: 2, violations: 1);
    }

    [Test]
    public void A_length_beyond_the_maximum_cuts_the_message_and_keeps_the_connection()
    {
        Delta delta = Measure("tcp");
        using StreamSender sender = StreamSender.Tcp(_tcp, Framing.OctetCounted);
        sender.Send(Lines.Message(new string('b', 2_000_000)));
        GoodArrives(sender.Send);
        Happened(delta, received: 2, truncated: 1);
    }

    [Test]
    public void Zero_lengths_and_empty_lines_are_nothing()
    {
        Delta delta = Measure("tcp");
        using StreamSender counted = StreamSender.Tcp(_tcp, Framing.OctetCounted);
        counted.SendRaw("0 0 0 \n\r\n0 "u8);
        GoodArrives(counted.Send);
        using StreamSender lines = StreamSender.Tcp(_tcp, Framing.Lf);
        lines.SendRaw("\n\n\r\n"u8);
        GoodArrives(lines.Send);
        Happened(delta, received: 2);
    }

    [Test]
    public void Half_a_frame_before_the_close_is_kept_as_truncated()
    {
        Delta delta = Measure("tcp");
        OverTcp("200 <134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - half a fra"u8);
        AwaitText("half a fra");
        Happened(delta, received: 1, truncated: 1);
    }

    [Test]
    public void A_last_line_without_its_end_is_whole()
    {
        Delta delta = Measure("tcp");
        OverTcp("<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - last line"u8);
        AwaitText("last line");
        Happened(delta, received: 1);
    }

    [TestCase(Framing.OctetCounted)]
    [TestCase(Framing.Lf)]
    public void One_byte_at_a_time_makes_the_same_message(object framing)
    {
        Delta delta = Measure("tcp");
        string text = $"slow sender, {framing}";
        byte[] message = Lines.Message(text);
        byte[] framed = (Framing)framing == Framing.Lf ? [.. message, (byte)'\n'] : [.. Encoding.ASCII.GetBytes($"{message.Length} "), .. message];
        using StreamSender sender = StreamSender.Tcp(_tcp, (Framing)framing);
        for (int i = 0; i < framed.Length; i++) sender.SendRaw(framed.AsSpan(i, 1));
        AwaitText(text);
        Happened(delta, received: 1);
    }

    [Test]
    public void A_reset_in_the_middle_of_a_frame_ends_only_that_connection()
    {
        Delta delta = Measure("tcp");
        using StreamSender sender = StreamSender.Tcp(_tcp, Framing.OctetCounted);
        sender.SendRaw("300 <134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - half"u8);
        sender.Reset();
        using StreamSender next = StreamSender.Tcp(_tcp, Framing.OctetCounted);
        GoodArrives(next.Send);
        Happened(delta, received: 2, truncated: 1);
    }

    [Test]
    public void Empty_datagrams_are_nothing()
    {
        Delta delta = Measure("dgram");
        using DatagramSender local = DatagramSender.Unix(_directory["dgram"]);
        for (int i = 0; i < 100; i++) local.Send([]);
        GoodArrives(datagram => local.Send(datagram));
        Happened(delta, received: 1);
        delta = Measure("udp");
        using DatagramSender udp = DatagramSender.Udp(_udp);
        for (int i = 0; i < 100; i++) udp.Send([]);
        GoodArrives(datagram => udp.Send(datagram));
        Happened(delta, received: 1);
    }

    [Test]
    public void The_largest_datagram_that_haproxy_sends_is_whole()
    {
        Delta delta = Measure("dgram");
        byte[] message = Lines.Message(new string('c', 65_536 - Lines.Message("").Length));
        Assert.That(message, Has.Length.EqualTo(65_536));
        using DatagramSender local = DatagramSender.Unix(_directory["dgram"]);
        local.Send(message);
        GoodArrives(datagram => local.Send(datagram));
        Happened(delta, received: 2, bytes: 65_536);
        Assert.That(_intake.Frames().Any(frame => Lines.WithoutTime(frame) == Lines.Frame(new string('c', 65_536 - Lines.Message("").Length), IntakeKey)));
    }

    [TestCase("dgram", 65_537, 65_536)]
    [TestCase("dgram", 100_000, 65_536)]
    [TestCase("small", Most + 1, Most)]
    [TestCase("small", 60_000, Most)]
    public void A_datagram_beyond_the_maximum_is_cut_there(string listener, int length, int kept)
    {
        Delta delta = Measure(listener);
        using DatagramSender local = DatagramSender.Unix(_directory[listener]);
        local.Send(Lines.Message(new string('d', length - Lines.Message("").Length)));
        GoodArrives(datagram => local.Send(datagram));
        Happened(delta, received: 2, truncated: 1, bytes: kept);
    }

    [Test]
    public void Binary_datagrams_are_kept_whole_and_cannot_forge_a_line()
    {
        Delta delta = Measure("udp");

        // The file is written within 50 ms; what the tests before this one sent is to be in it.
        _server.WaitForMetrics(m => m.Sum("concentrator_output_queued_messages") == 0, "everything is delivered");
        int lines = File.Exists(_directory["out.log"]) ? File.ReadAllLines(_directory["out.log"]).Length : 0;
        using DatagramSender udp = DatagramSender.Udp(_udp);
        udp.Send("\0\u0001\n\n<134>1 forged\r\n\n"u8);
        GoodArrives(datagram => udp.Send(datagram));
        Happened(delta, received: 2, malformed: 1);
        Assert.That(WaitForLines(_directory["out.log"], lines + 2), Has.Count.EqualTo(lines + 2), "one message is one line");
    }

    private void OverTcp(ReadOnlySpan<byte> bytes)
    {
        using StreamSender sender = StreamSender.Tcp(_tcp, Framing.Lf);
        sender.SendRaw(bytes);
        sender.FinishSending();
        Assert.That(sender.WaitForClose());
    }

    private delegate void Send(ReadOnlySpan<byte> message);

    private void GoodArrives(Send send)
    {
        string text = $"still alive {++_good}";
        send(Lines.Message(text));
        AwaitText(text);
    }

    private void AwaitText(string text) => Eventually.Holds(
        () => _intake.Frames().Any(frame => Lines.WithoutTime(frame) == Lines.Frame(text, IntakeKey)), $"the frame of \"{text}\"", null, _server.Describe);

    private Delta Measure(string listener) => new(listener, _server.Metrics());

    /// <summary>What happened since the measure, and nothing else.</summary>
    private void Happened(Delta before, int received = 0, int malformed = 0, int truncated = 0, int violations = 0, int? bytes = null)
    {
        _server.WaitForMetrics(
            m => before.Of(m, "concentrator_received_messages_total") >= received
                && before.Of(m, "concentrator_listener_framing_violations_total") >= violations,
            $"{received} received and {violations} violations");
        MetricsSnapshot now = _server.Metrics();
        using IDisposable scope = Assert.EnterMultipleScope();
        Assert.That(before.Of(now, "concentrator_received_messages_total"), Is.EqualTo(received), "received");
        Assert.That(before.Of(now, "concentrator_malformed_messages_total"), Is.EqualTo(malformed), "malformed");
        Assert.That(before.Of(now, "concentrator_truncated_messages_total"), Is.EqualTo(truncated), "truncated");
        Assert.That(before.Of(now, "concentrator_listener_framing_violations_total"), Is.EqualTo(violations), "violations");
        if (bytes is not { } expected) return;
        int good = Lines.Message($"still alive {_good}").Length;
        Assert.That(before.Of(now, "concentrator_received_bytes_total"), Is.EqualTo(expected + good), "bytes");
    }

    private sealed record Delta(string Listener, MetricsSnapshot Before)
    {
        public double Of(MetricsSnapshot now, string name) => now.Sum(name, ("listener", Listener)) - Before.Sum(name, ("listener", Listener));
    }
}

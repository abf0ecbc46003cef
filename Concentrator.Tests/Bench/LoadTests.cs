using System.Net;
using System.Net.Sockets;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Load;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Sink;
using Concentrator.Configuration.Options;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.BenchTool;

[TestFixture]
internal sealed class LoadTests
{
    private const int Count = 3000;

    [TestCase(LoadFormat.Local)]
    [TestCase(LoadFormat.Rfc3164)]
    [TestCase(LoadFormat.Rfc5424)]
    public void Lines_have_any_size_and_are_haproxys(LoadFormat format)
    {
        foreach (int size in new[] { HttpLine.ShortestSize(format), HttpLine.ShortestSize(format) + 1, 200, 300, 8000, HttpLine.LongestSize })
        {
            FrameTemplate line = HttpLine.Create(format, size);
            Assert.That(line.Bytes, Has.Length.EqualTo(size));
            SyslogParser.Parse(line.Bytes, HeaderFormat.Auto, out SyslogMessage message);
            Assert.That(message.IsMalformed, Is.False);
            Assert.That(message.AppName.SequenceEqual("haproxy"u8));
            new SendStamp(1, 2, 3).Write(line.Bytes.AsSpan(line.StampAt, SendStamp.Length));
            int place = 0;
            Assert.That(SendStamp.TryFind(message.Text, ref place, out SendStamp stamp), "the stamp is in the text");
            Assert.That(stamp, Is.EqualTo(new SendStamp(1, 2, 3)));
        }
    }

    [TestCase(false, 1)]
    [TestCase(true, 1)]
    [TestCase(false, 7)]
    [TestCase(true, 100)]
    public void Datagrams_to_a_unix_socket_all_arrive(bool nonBlocking, int batch)
    {
        using TempDirectory directory = new();
        using DatagramSink sink = DatagramSink.Unix(directory.Socket("log"));
        LoadResult result = Run(Plan(Transport.UnixDatagram, new UnixDomainSocketEndPoint(directory["log"])) with
        {
            NonBlocking = nonBlocking,
            Batch = batch,
            Rate = nonBlocking ? RateRange.Steady(20_000) : default,
        });
        Assert.That(result.Failed, Is.Zero);
        Assert.That(result.Sent + result.Dropped, Is.EqualTo(Count));
        Assert.That(nonBlocking || result.Dropped == 0);
        AssertAllThere(sink.WaitFor((int)result.Sent), (int)result.Sent);
        Assert.That(sink.WaitFor(1)[0][^1], Is.EqualTo((byte)'\n'), "as HAProxy ends them");
    }

    [Test]
    public void A_port_that_nobody_has_is_said()
    {
        int port;
        using (DatagramSink gone = DatagramSink.Udp()) port = gone.Port;
        UnusableException? refused = Assert.Throws<UnusableException>(() => Run(Plan(Transport.Udp, new IPEndPoint(IPAddress.Loopback, port))));
        Assert.That(refused!.Message, Does.Contain("no process reads 127.0.0.1"));
    }

    [Test]
    public void Sending_allocates_nothing()
    {
        using TempDirectory directory = new();
        using DatagramSink sink = DatagramSink.Unix(directory.Socket("log"));
        using StampedSender sender = StampedSender.Open(Plan(Transport.UnixDatagram, new UnixDomainSocketEndPoint(directory["log"])), 0);
        sender.Send(100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        sender.Send(1000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public async Task A_sender_that_batches_says_so()
    {
        using TempDirectory directory = new();
        using DatagramSink sink = DatagramSink.Unix(directory.Socket("log"));
        (_, string single, _) = await BenchProgram.RunAsync(["load", "--target", directory["log"], "--count", "10"]);
        (_, string batched, _) = await BenchProgram.RunAsync(["load", "--target", directory["log"], "--count", "10", "--batch", "8"]);
        Assert.That(single, Does.Not.Contain("batches"));
        Assert.That(batched, Does.Contain("by a sender that batches 8 messages per call"));
    }

    [Test]
    public void Datagrams_over_udp_all_arrive()
    {
        using DatagramSink sink = DatagramSink.Udp();
        LoadResult result = Run(Plan(Transport.Udp, new IPEndPoint(IPAddress.Loopback, sink.Port)) with { Rate = RateRange.Steady(20_000) });
        AssertAllThere(sink.WaitFor(Count), Count);
        Assert.That(result.Sent, Is.EqualTo(Count));
    }

    [Test]
    public void Connections_take_turns_at_a_steady_rate()
    {
        const int Each = 20;
        int connections = 2 * Environment.ProcessorCount;
        using DatagramSink sink = DatagramSink.Udp();
        Run(Plan(Transport.Udp, new IPEndPoint(IPAddress.Loopback, sink.Port)) with
        {
            Connections = connections,
            Count = Each * connections,
            Rate = RateRange.Steady(500 * connections),
        });
        int place = 0;
        List<int> senders = [];
        foreach (byte[] datagram in sink.WaitFor(Each * connections))
        {
            Assert.That(SendStamp.TryFind(datagram, ref place, out SendStamp stamp));
            senders.Add(stamp.Sender);
        }
        Assert.That(senders.CountBy(static sender => sender).Select(static one => one.Value), Is.EqualTo(Enumerable.Repeat(Each, connections)));
    }

    [Test]
    public void A_full_socket_drops_and_counts_as_haproxy_does()
    {
        using TempDirectory directory = new();
        using Socket nobody = new(
            AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        nobody.Bind(new UnixDomainSocketEndPoint(directory.Socket("log")));
        LoadResult result = Run(Plan(Transport.UnixDatagram, new UnixDomainSocketEndPoint(directory["log"])) with
        {
            NonBlocking = true,
        });
        Assert.That(result.Dropped, Is.GreaterThan(0));
        Assert.That(result.Sent + result.Dropped, Is.EqualTo(Count));
    }

    [Test]
    public async Task A_ramp_ends_when_its_time_is_over()
    {
        using SinkServer sink = SinkServer.OnLoopback();
        (int exitCode, string output, string errors) = await BenchProgram.RunAsync(
            ["load", "--transport", "tcp", "--target", sink.EndPoint.ToString(), "--rates", "1k..10k", "--duration", "1500ms", "--connections", "3"]);
        Assert.That(exitCode, Is.Zero, errors);
        SinkCount count = sink.Tally.Read();
        Assert.That(output, Does.Contain($"sent {count.Distinct:N0}, dropped on EAGAIN 0, failed 0"));
        Assert.That(count.Distinct, Is.GreaterThan(100));
        Assert.That(count.Senders, Is.EqualTo(3));
        Assert.That(count.Missing, Is.Zero);
    }

    [TestCase("octet")]
    [TestCase("lf")]
    public async Task The_corpus_goes_over_a_stream_message_for_message(string framing)
    {
        IReadOnlyList<FrameTemplate> messages = RecordedMessages.Corpus(lines: framing == "lf");
        Assert.That(messages, Has.Count.GreaterThan(300));
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task<byte[]> received = ReadAllAsync(listener);
        (int exitCode, string output, string errors) = await BenchProgram.RunAsync(
        [
            "load", "--transport", "tcp", "--target", listener.LocalEndpoint.ToString()!, "--corpus", "--framing", framing,
            "--count", $"{messages.Count}",
        ]);
        Assert.That(exitCode, Is.Zero, output + errors);
        List<byte[]> frames = [];
        FrameBuffer stream = FrameBuffer.Of(await received);
        while (framing == "lf" ? stream.TryTakeLine(out ReadOnlySpan<byte> frame) : stream.TryTakeFrame(out frame)) frames.Add(frame.ToArray());
        Assert.That(frames, Has.Count.EqualTo(messages.Count));
        for (int i = 0; i < frames.Count; i++)
        {
            int place = messages[i].StampAt;
            Assert.That(frames[i].AsSpan(0, place).SequenceEqual(messages[i].Bytes.AsSpan(0, place)), $"message {i}");
            Assert.That(SendStamp.TryFind(frames[i], ref place, out SendStamp stamp));
            Assert.That(stamp.Number, Is.EqualTo(i));
        }
    }

    [Test]
    public async Task Lines_of_a_file_are_replayed_in_turn()
    {
        using TempDirectory directory = new();
        string file = directory.Write("lines", "<134>1 - edge haproxy 1 - - one\n\n<134>1 - edge haproxy 1 - - two\r\n");
        using DatagramSink sink = DatagramSink.Unix(directory.Socket("log"));
        (int exitCode, _, string errors) = await BenchProgram.RunAsync(
            ["load", "--target", directory["log"], "--replay", file, "--count", "5"]);
        Assert.That(exitCode, Is.Zero, errors);
        Assert.That(
            sink.WaitFor(5).Select(static d => System.Text.Encoding.ASCII.GetString(d)[..32].TrimEnd()),
            Is.EqualTo(new[] { "one", "two", "one", "two", "one" }.Select(static t => $"<134>1 - edge haproxy 1 - - {t}")));
    }

    private static async Task<byte[]> ReadAllAsync(TcpListener listener)
    {
        using TcpClient accepted = await listener.AcceptTcpClientAsync();
        using MemoryStream all = new();
        await accepted.GetStream().CopyToAsync(all);
        return all.ToArray();
    }

    private static LoadPlan Plan(Transport transport, EndPoint target) => new()
    {
        Transport = transport,
        Target = target,
        Messages = [HttpLine.Create(LoadFormat.Local, 300)],
        Count = Count,
    };

    private static LoadResult Run(LoadPlan plan)
    {
        using LoadRun run = new(plan);
        return run.Run(CancellationToken.None);
    }

    private static void AssertAllThere(IReadOnlyList<byte[]> datagrams, int expected)
    {
        NumberSet tally = new();
        int place = 0;
        foreach (byte[] datagram in datagrams)
        {
            Assert.That(SendStamp.TryFind(datagram, ref place, out SendStamp stamp));
            tally.Add((int)stamp.Number);
        }
        Assert.That(tally.Distinct, Is.EqualTo(expected));
        Assert.That(tally.Duplicates, Is.Zero);
    }
}

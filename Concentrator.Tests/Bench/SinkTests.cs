using System.Net;
using System.Net.Sockets;
using System.Text;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Load;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Bench.Sink;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.BenchTool;

[TestFixture]
internal sealed class SinkTests
{
    [TestCase(Transport.Tcp)]
    [TestCase(Transport.Tls)]
    public void Everything_sent_is_counted_once_with_its_latency(Transport transport)
    {
        using BenchDirectory directory = new();
        ThrowAwayCertificate certificate = new(directory.Path);
        using SinkServer sink = SinkServer.OnLoopback(transport == Transport.Tls ? certificate.Server : null);
        using LoadRun run = new(Plan(sink, 5000) with { Transport = transport, Connections = 3 });
        LoadResult sent = run.Run(CancellationToken.None);
        Assert.That(sent.Failure, Is.Null);
        Eventually.Holds(() => sink.Tally.Read().Distinct == 5000, "all messages", detail: () => sink.Tally.Read().ToString());
        SinkCount count = sink.Tally.Read();
        Assert.Multiple(() =>
        {
            Assert.That(count.Missing + count.Duplicates + count.Reordered + count.Unstamped + count.Strangers, Is.Zero);
            Assert.That(count.Senders, Is.EqualTo(3));
            Assert.That(count.Latency.Count, Is.EqualTo(5000));
            Assert.That(count.Latency.P50, Is.GreaterThan(0));
            Assert.That(count.Bytes, Is.EqualTo(5000 * 300));
            Assert.That(sink.Connections, Is.EqualTo(3));
            Assert.That(sink.BrokenFramings, Is.Zero);
        });
    }

    [Test]
    public void Missing_repeated_and_reordered_numbers_are_told_apart()
    {
        NumberSet tally = new();
        foreach (int number in new[] { 0, 1, 5, 3, 3, 900_000, 2 }) tally.Add(number);
        Assert.Multiple(() =>
        {
            Assert.That(tally.Distinct, Is.EqualTo(6));
            Assert.That(tally.Duplicates, Is.EqualTo(1));
            Assert.That(tally.Reordered, Is.EqualTo(2));
            Assert.That(tally.Missing, Is.EqualTo(900_001 - 6));
        });
    }

    [Test]
    public void Stamps_of_an_earlier_measurement_are_strangers()
    {
        SinkTally tally = new(firstSender: 7, senders: 2);
        int place = 0;
        byte[] text = new byte[SendStamp.Length];
        foreach (ushort sender in new ushort[] { 6, 7, 8, 9 })
        {
            new SendStamp(sender, 0, 1).Write(text);
            lock (tally.Gate) tally.RecordUnsynchronized(text, ref place, 2);
        }
        SinkCount count = tally.Read();
        Assert.That((count.Distinct, count.Strangers, count.Frames), Is.EqualTo((2, 2, 4)));
    }

    [TestCase("5 <1> x5 <1> y", true)]
    [TestCase("5 <1> x\n5 <1> y", false)]
    [TestCase("05 <1> x", false)]
    [TestCase("0 5 <1> x", false)]
    [TestCase("4 no x", false)]
    [TestCase("<1> x\n", false)]
    [TestCase("99999999 <", false)]
    [TestCase(" 5 <1> x", false)]
    public void Framing_is_that_of_rfc_5425_and_nothing_else(string stream, bool isRight)
    {
        using SinkServer sink = SinkServer.OnLoopback();
        using Socket peer = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        peer.Connect(sink.EndPoint);
        try
        {
            foreach (byte one in Encoding.ASCII.GetBytes(stream)) peer.Send([one]);
            peer.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException)
        {
            // The sink has seen enough already.
            Assert.That(isRight, Is.False);
        }
        Eventually.Holds(() => isRight ? sink.Tally.Read().Frames == 2 : sink.BrokenFramings == 1, "the sink's verdict");
        Assert.That(sink.BrokenFramings, Is.EqualTo(isRight ? 0 : 1));
    }

    [Test]
    public void A_connection_is_reset_after_so_many_frames()
    {
        using SinkServer sink = SinkServer.OnLoopback(misbehaviour: new Misbehaviour { ResetEvery = 100 });
        using LoadRun run = new(Plan(sink, 1_000_000));
        Assert.That(run.Run(CancellationToken.None).Failure, Is.Not.Null);
        Assert.That(sink.Resets, Is.EqualTo(1));
    }

    [Test]
    public void New_connections_are_refused_for_a_while()
    {
        using SinkServer sink = SinkServer.OnLoopback(misbehaviour: new Misbehaviour { After = 100, Refuse = TimeSpan.FromSeconds(3) });
        using (LoadRun run = new(Plan(sink, 1_000_000))) Assert.That(run.Run(CancellationToken.None).Failure, Is.Not.Null);
        Assert.That(() => new LoadRun(Plan(sink, 1)), Throws.TypeOf<UnusableException>());
        Eventually.Holds(() => Connects(sink.EndPoint), "the sink is back");
    }

    [Test]
    public void A_stall_and_a_slow_reader_delay_and_lose_nothing()
    {
        using SinkServer sink = SinkServer.OnLoopback(misbehaviour: new Misbehaviour
        {
            After = 10,
            Stall = TimeSpan.FromMilliseconds(300),
            Slow = 2_000_000,
        });
        using LoadRun run = new(Plan(sink, 2000));
        run.Run(CancellationToken.None);
        Eventually.Holds(() => sink.Tally.Read().Distinct == 2000, "all messages");
        Assert.That(sink.Tally.Read().Latency.Max, Is.GreaterThan(250), "ms");
    }

    [Test]
    public void A_half_closed_sink_goes_on_reading()
    {
        using SinkServer sink = SinkServer.OnLoopback(misbehaviour: new Misbehaviour { After = 10, HalfClose = true });
        using LoadRun run = new(Plan(sink, 2000));
        run.Run(CancellationToken.None);
        Eventually.Holds(() => sink.Tally.Read().Distinct == 2000, "all messages");
    }

    [Test]
    public async Task The_command_ends_when_it_has_what_it_waits_for()
    {
        using TempDirectory directory = new();
        int port = FreePort.Next();
        Task<(int ExitCode, string Output, string Errors)> sink = BenchProgram.RunAsync(
            ["sink", "--listen", $"127.0.0.1:{port}", "--count", "500", "--duration", "20", "--ca-out", directory["ca.crt"]]);
        Eventually.Holds(() => FreePort.IsListening(port), "the sink listens");
        (int loaded, string loading, string errors) = await BenchProgram.RunAsync(
            ["load", "--transport", "tls", "--target", $"127.0.0.1:{port}", "--count", "500", "--format", "rfc5424"]);
        Assert.That(loaded, Is.Zero, loading + errors);
        (int exitCode, string output, _) = await sink;
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.Contain("500 distinct messages from 1 senders").And.Contain("0 missing").And.Contain("p99.9"));
        Assert.That(File.ReadAllText(directory["ca.crt"]), Does.StartWith("-----BEGIN CERTIFICATE-----"));
    }

    private static LoadPlan Plan(SinkServer sink, long count) => new()
    {
        Transport = Transport.Tcp,
        Target = sink.EndPoint,
        Messages = [HttpLine.Create(LoadFormat.Rfc5424, 300)],
        Count = count,
        Framing = Framing.OctetCounted,
    };

    private static bool Connects(IPEndPoint endPoint)
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Connect(endPoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

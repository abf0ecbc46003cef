using System.Diagnostics;
using System.Net.Sockets;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Faults.EverySender;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// Every kind of sender at once, four receivers of which three are not well, and kill -9 again and again.
/// <para>
/// The promise. Whatever a kernel took for a datagram socket that somebody holds, and whatever was sent over a connection that ended in
/// order (its sender ended its direction, and the server ended the other), is in the file and at the intake; over a unix stream, if no
/// kill fell into that conversation, for its sender cannot tell the two ends apart. In the last life, which is not killed, that holds for
/// connections that the sender resets in a message, closes without a word, or breaks the framing of, too. Of a connection that a kill
/// ended, what comes is a beginning without a gap. No message is cut but those beyond a limit, and the one that its sender never ended; no
/// two are ever one. What a receiver refuses lies in the spool, and it alone; what a slow one has not got yet lies there too. Each scrape
/// balances, and drops nothing but what is refused.
/// </para>
/// </summary>
[Parallelizable]
internal sealed partial class EverySenderSoakTests : FaultTests
{
    private const int Seed = 20261129;

    /// <summary>The narrow receiver's, on a frame; our own limit for it is 64 KB.</summary>
    private const int NarrowLimit = 8_192;

    // <asm-generic/socket.h>
    private const int SocketLevel = 1;
    private const int ForceReceiveBuffer = 33;

    private static readonly TimeSpan Draining = TimeSpan.FromMinutes(5);

    private readonly Random _random = new(Seed);
    private readonly Lives _lives = new();
    private object _configuration = null!;
    private string _binary = null!;
    private int _refusedBeforeLastLife;

    [TestCase(24, 4, 8, 60)]
    [TestCase(1800, 20, 40, 500, Category = Soak, Explicit = true, Reason = FullSize)]
    public void Every_sender_is_heard_whatever_its_receivers_do_and_however_often_the_server_is_killed(
        int seconds, int shortestLife, int longestLife, int backlogOfSlow)
    {
        TestContext.Out.WriteLine($"seed {Seed}");
        using SysctlGuard queue = new(SysctlGuard.DatagramQueue);
        queue.TrySet(2048);
        using TlsIntake intake = NewIntake(keepFrames: false);
        Arrivals atIntake = new();
        intake.OnFrame = (_, frame) => atIntake.Record(frame);
        using SyslogNg narrow = SyslogNg.ReceivingFrames(NarrowLimit);
        using SlowReceiver slow = new();
        using SocketHolder holder = new();
        SoakAddresses to = new(Directory.Socket("log"), Directory.Socket("stream"), FreePort.Next(), Port, FreePort.Next(), FreePort.Next());
        holder.UnixDatagrams("log", to.Datagrams);
        GiveRoom(holder.Udp("udp", to.Udp));
        _binary = holder.Script(Directory);
        _configuration = Configuration(to, intake, narrow.Port, slow.Port);

        SeriesBook book = new(_lives);
        using Senders senders = new(to, book, Seed);
        Series toNarrow = senders.Datagrams("for the narrow receiver", 20, NextForNarrow(seconds));
        Series toSlow = senders.Datagrams("for the slow receiver", 2.5, static (series, _) => SoakText.For("slow", series));
        Series atOnce = book.BeginKept("for the slow receiver at once");
        senders.Start("backlog", pace => PromisedDatagrams.LikeHAProxy(to.Datagrams, atOnce, pace, series => SoakText.For("slow", series), backlogOfSlow), 200);
        senders.StartAll();
        using SenderThread trouble = new("the intake's trouble", 0.5, pace => IntakeTrouble.Go(intake, new Random(Seed), pace, Note));

        ServerProcess server = LiveAndDie(TimeSpan.FromSeconds(seconds), shortestLife, longestLife);
        Assert.That(senders.Stop(Deadline.Transfer * 2), Is.Empty);
        trouble.TellToStop();
        Assert.That(trouble.Join(Deadline.Transfer), Is.Null);
        server.WaitForMetrics(static m => Queued(m, "file") + Queued(m, "sekoia") + Queued(m, "narrow") == 0, "all but the slow receiver have everything", Draining);

        // A message that its receiver's TCP had acknowledged is counted as refused with the next that is delivered.
        PromisedDatagrams.One(to.Datagrams, toNarrow, SoakText.For("narrow", toNarrow));
        server.WaitForMetrics(
            m => Queued(m, "narrow") == 0 && Refused(m) == RefusedFiles().Length - _refusedBeforeLastLife, "what was refused is counted", Deadline.Transfer);
        if (seconds > 60) Eventually.TryHold(() => Queued(server.Metrics(), "slow") == 0, Draining);
        MetricsSnapshot metrics = Look(server);
        Assert.That(server.Stop(), Is.Zero, server.Describe());

        Judge judge = new(book);
        Print(book, judge, metrics);
        using IDisposable all = Assert.EnterMultipleScope();
        Assert.That(judge.FailedConnections(), Is.Empty);
        JudgeFile(judge, metrics);
        JudgeIntake(judge, metrics, atIntake);
        JudgeNarrow(judge, toNarrow, narrow);
        JudgeSlow(judge, metrics, slow, toSlow, atOnce);
        JudgeLastLife(judge, metrics);
    }

    /// <summary>Servers follow each other until the time is over; the last one lives on.</summary>
    private ServerProcess LiveAndDie(TimeSpan length, int shortestLife, int longestLife)
    {
        long began = Stopwatch.GetTimestamp();
        ServerProcess server = Launch(_configuration, binary: _binary);
        while (true)
        {
            bool isLast = Stopwatch.GetElapsedTime(began).TotalSeconds + longestLife > length.TotalSeconds;

            // Most have work in all their queues when they die; some have not even started.
            TimeSpan life = isLast || _random.Next(6) > 0 ? TimeSpan.FromSeconds(_random.Next(shortestLife, longestLife)) : TimeSpan.FromSeconds(_random.NextDouble());
            if (life >= TimeSpan.FromSeconds(shortestLife)) server.WaitUntilReady();
            Thread.Sleep(life);
            if (isLast) return server;
            if (life >= TimeSpan.FromSeconds(shortestLife)) Note(Look(server));
            _lives.BeginKill();
            server.Kill();
            _lives.EndKill();
            _refusedBeforeLastLife = RefusedFiles().Length;
            server = Launch(_configuration, binary: _binary);
        }
    }

    private static Func<Series, Random, byte[]> NextForNarrow(int seconds)
    {
        // One that it refuses every half minute, or in each third of a short run; never among the last.
        int interval = 20 * Math.Min(30, seconds / 3);
        int last = 20 * (seconds - (seconds / 6));
        return (series, random) =>
        {
            bool isRefused = series.Attempted % interval == interval / 2 && series.Attempted < last;
            return SoakText.For("narrow", series, isRefused ? random.Next(9_000, 60_000) : SoakText.Size(random, 7_000));
        };
    }

    /// <summary>What the last scrape of a life says; it balances, and nothing is dropped in silence.</summary>
    private static MetricsSnapshot Look(ServerProcess server)
    {
        MetricsSnapshot metrics = server.Metrics();
        LedgerAssert.Balances(metrics);
        double dropped = metrics.Sum("concentrator_output_dropped_messages_total");
        Assert.That(dropped, Is.EqualTo(Refused(metrics)), () => metrics.Text);
        return metrics;
    }

    private object Configuration(SoakAddresses to, TlsIntake intake, int narrow, int slow)
    {
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        return new
        {
            Listeners = new Dictionary<string, object>
            {
                ["log"] = new { Address = $"unix-dgram:{to.Datagrams}" },
                ["udp"] = new { Address = $"udp://127.0.0.1:{to.Udp}" },
                ["stream"] = new { Address = $"unix-stream:{to.Streams}" },
                ["tcp"] = new { Address = $"tcp://127.0.0.1:{to.Tcp}" },
                ["programs"] = new { Address = $"tcp://127.0.0.1:{to.Programs}" },
                ["tls"] = new { Address = $"tls://127.0.0.1:{to.Tls}", Tls = new { CertificateFile = certificate, KeyFile = key } },
            },
            Outputs = new
            {
                file = LogFile(Directory),
                sekoia = Relay(intake, Directory),
                narrow = new { Type = "syslog-tcp", Endpoint = $"127.0.0.1:{narrow}" },
                slow = new { Type = "syslog-tcp", Endpoint = $"127.0.0.1:{slow}" },
            },
            Routes = new object[]
            {
                new { Contains = "to-narrow", To = new[] { "narrow" } },
                new { Contains = "to-slow", To = new[] { "slow" } },
                new { To = new[] { "file", "sekoia" } },
            },
        };
    }

    /// <summary>UDP's socket is ours, and a server's option would come too late for what waits in it.</summary>
    private static void GiveRoom(Socket socket)
    {
        if (Environment.IsPrivilegedProcess) socket.SetRawSocketOption(SocketLevel, ForceReceiveBuffer, BitConverter.GetBytes(16 << 20));
        else socket.ReceiveBufferSize = 16 << 20;
    }
}

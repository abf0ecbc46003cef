using System.Net.Sockets;
using System.Text;
using Concentrator.Accounting;
using Concentrator.Hosting.Senders;
using Concentrator.Hosting.Views;
using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Insight;

/// <summary>HAProxy's <c>DroppedLogs</c>, read from its stats socket.</summary>
internal sealed class DroppedLogsTests
{
    [TestCase("7:5 7:5 7:9", 4L)]
    [TestCase("7:5 8:3 8:4", 4L)]
    [TestCase("7:5 7:2", 2L)]
    [TestCase("7:0 7:0", 0L)]
    public void Only_the_growth_since_the_first_reading_counts_and_another_worker_counts_from_zero(string readings, long lost)
    {
        DroppedLogsGrowth growth = new();
        Assert.That(readings.Split(' ').Select(static one => one.Split(':')).Sum(one => growth.Follow(one[0], long.Parse(one[1], System.Globalization.CultureInfo.InvariantCulture))), Is.EqualTo(lost));
    }

    [Test]
    public async Task Every_ten_seconds_the_growth_goes_to_the_listener_that_names_the_socket()
    {
        using TempDirectory directory = new();
        using Stats stats = new(directory.Socket("stats")) { Dropped = 100 };
        using LogCapture log = new();
        ManualTimeProvider time = new();
        ServerView view = View(directory, time);
        await using StatsSocketPoll poll = new(view, time, log.Logger, new StatsSocketSearch(directory["haproxy.cfg"]));
        Eventually.Holds(() => stats.Asked == 1, "asked at once");
        stats.Dropped = 142;
        Eventually.Holds(() => Advance(time) && stats.Asked >= 2 && Lost(view) == 42, "the growth is counted");
        Eventually.Holds(() => log.Has("HAProxy dropped 42 lines"), "and logged");
        Assert.That(view.Ledger.Listener("b").Read().LostBeforeTotal, Is.Zero);
    }

    [Test]
    public async Task A_ring_that_takes_no_message_is_reported_once_and_when_it_takes_some_again()
    {
        using TempDirectory directory = new();
        using Stats stats = new(directory.Socket("stats")) { RingDrops = 1000 };
        using LogCapture log = new();
        ManualTimeProvider time = new();
        ServerView view = View(directory, time);
        await using StatsSocketPoll poll = new(view, time, log.Logger, new StatsSocketSearch(directory["haproxy.cfg"]));
        Eventually.Holds(() => log.Has("listener a: HAProxy's ring conc takes no message: 1"), "each look finds more dropped, and none announced");
        int looks = stats.Looks;
        Eventually.Holds(() => Advance(time) && stats.Looks > looks + 10, "looked at again, twice or more");
        Assert.That(log.Lines.Count(static line => line.Contains("takes no message", StringComparison.Ordinal)), Is.EqualTo(1));
        stats.RingDrops = 0;
        Eventually.Holds(() => Advance(time) && log.Has("listener a: HAProxy's ring conc takes messages again"), "it has announced all");
    }

    [Test]
    public async Task A_ring_that_announces_what_it_drops_is_not_reported()
    {
        using TempDirectory directory = new();
        using Stats stats = new(directory.Socket("stats")) { RingDrops = 1000, Announces = true };
        using LogCapture log = new();
        ManualTimeProvider time = new();
        await using StatsSocketPoll poll = new(View(directory, time), time, log.Logger, new StatsSocketSearch(directory["haproxy.cfg"]));
        Eventually.Holds(() => Advance(time) && stats.Looks > 20, "looked at");
        Assert.That(log.Has("takes no message"), Is.False);
    }

    [Test]
    public async Task A_socket_that_does_not_answer_is_reported_once_until_it_has_answered()
    {
        using TempDirectory directory = new();
        using LogCapture log = new();
        ManualTimeProvider time = new();
        ServerView view = View(directory, time);
        await using StatsSocketPoll poll = new(view, time, log.Logger, new StatsSocketSearch(directory["haproxy.cfg"]));
        Eventually.Holds(() => Count(log) == 1, "reported");
        using (Stats stats = new(directory.Socket("stats")))
        {
            Eventually.Holds(() => Advance(time) && stats.Asked >= 2, "asked again");
            Assert.That(Count(log), Is.EqualTo(1));
        }
        Eventually.Holds(() => Advance(time) && Count(log) == 2, "reported again");
    }

    [Test]
    public async Task A_socket_that_HAProxys_configuration_names_is_asked_for_the_listener_that_it_logs_to()
    {
        using TempDirectory directory = new();
        using Stats stats = new(directory.Socket("stats")) { Dropped = 3 };
        using LogCapture log = new();
        ManualTimeProvider time = new();
        ServerView view = View(directory, time, $$"""
            "a": { "Address": "unix-dgram:{{directory["other"]}}" }, "b": { "Address": "unix-dgram:{{directory["dev/log"]}}" }
            """);
        await using StatsSocketPoll poll = new(view, time, log.Logger, new StatsSocketSearch(directory["haproxy.cfg"]));
        Eventually.Holds(() => Advance(time), "there is no such file");

        File.WriteAllText(directory["haproxy.cfg"], Haproxy(directory));
        Eventually.Holds(() => Advance(time) && log.Has($"listener b: HAProxy's stats socket is {directory.Socket("stats")}"), "found and said");
        stats.Dropped = 5;
        Eventually.Holds(() => Advance(time) && view.Ledger.Listener("b").Read().LostBefore![(int)LostBefore.DroppedLogs] == 2, "the growth is counted");
        Assert.That(view.Ledger.Listener("a").Read().LostBeforeTotal, Is.Zero);
    }

    [TestCase("\"Address\": \"unix-dgram:CHROOT/dev/log\", \"StatsSocket\": \"off\"", false)]
    [TestCase("\"Address\": \"unix-dgram:CHROOT/dev/log2\"", false)]
    [TestCase("\"Address\": \"unix-dgram:CHROOT/dev/log\"", true)]
    public void No_socket_is_sought_for_a_listener_that_says_off_or_that_HAProxy_does_not_log_to(string listener, bool isFound)
    {
        using TempDirectory directory = new();
        ServerView view = View(directory, new ManualTimeProvider(), $$""" "a": { {{listener.Replace("CHROOT", directory.Path, StringComparison.Ordinal)}} } """);
        File.WriteAllText(directory["haproxy.cfg"], Haproxy(directory));
        StatsSocketSearch search = new(directory["haproxy.cfg"]);
        Assert.That(search.Find([.. view.Options!.Listeners.Where(static one => one.StatsSocket is null)]), Is.EqualTo(isFound ? ("a", directory.Socket("stats")) : null));
    }

    private static string Haproxy(TempDirectory directory) => $$"""
        global
            chroot {{directory.Path}}
            log /dev/log local0
            stats socket {{directory.Socket("stats")}} mode 660 level user
        defaults
            log global
        frontend www
            bind 127.0.0.1:1
        """;

    private static bool Advance(ManualTimeProvider time)
    {
        time.Advance(StatsSocketPoll.Period);
        return true;
    }

    private static int Count(LogCapture log) => log.Lines.Count(static line => line.Contains("StatsSocket", StringComparison.Ordinal));

    private static long Lost(ServerView view) => view.Ledger.Listener("a").Read().LostBefore![(int)LostBefore.DroppedLogs];

    private static ServerView View(TempDirectory directory, ManualTimeProvider time) => View(directory, time, $$"""
        "a": { "Address": "udp://127.0.0.1:0", "StatsSocket": "{{directory.Socket("stats")}}" }, "b": { "Address": "udp://127.0.0.1:0" }
        """);

    private static ServerView View(TempDirectory directory, ManualTimeProvider time, string listeners)
    {
        using ConfigurationFolder folder = new();
        return new ServerView(new Ledger(), new RecentEvents(new KeyMask()), time)
        {
            Options = folder.Load($$"""
                {
                  "Listeners": { {{listeners}} },
                  "Outputs": { "file": { "Type": "file", "Path": "/tmp/out.log" } },
                  "Spool": { "Directory": "{{directory.Path}}" }
                }
                """).Options!,
        };
    }

    /// <summary>Answers <c>show info</c> and <c>show events</c> as HAProxy does, one client at a time.</summary>
    private sealed class Stats : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private readonly string _path;
        private int _asked;
        private int _looks;
        private long _dropped;
        private long _ringDrops;

        public Stats(string path)
        {
            _path = path;
            _listener.Bind(new UnixDomainSocketEndPoint(path));
            _listener.Listen();
            _ = AnswerAsync();
        }

        public long Dropped
        {
            set => Volatile.Write(ref _dropped, value);
        }

        /// <summary>What the ring has dropped and not announced; if it is not 0, it grows with each look.</summary>
        public long RingDrops
        {
            set => Volatile.Write(ref _ringDrops, value);
        }

        /// <summary>Whether each second look finds that some was announced.</summary>
        public bool Announces { get; init; }

        /// <summary>How often <c>show events</c> was answered.</summary>
        public int Looks => Volatile.Read(ref _looks);

        /// <summary>How often <c>show info</c> was answered.</summary>
        public int Asked => Volatile.Read(ref _asked);

        public void Dispose()
        {
            _listener.Dispose();
            File.Delete(_path);
        }

        private long NextRingDrops()
        {
            long now = Volatile.Read(ref _ringDrops);
            if (now == 0) return 0;
            long next = Announces && now > 1000 ? 1000 : now + 7;
            Interlocked.CompareExchange(ref _ringDrops, next, now);
            return now;
        }

        private async Task AnswerAsync()
        {
            try
            {
                while (true)
                {
                    using Socket client = await _listener.AcceptAsync();
                    byte[] command = new byte[100];
                    int length = await client.ReceiveAsync(command);
                    bool isOfRings = Encoding.ASCII.GetString(command, 0, length) == "show events\n";
                    string answer = isOfRings
                        ? $"    buf0       : type=buffer, 0 dropped, in-memory ring buffer\n    conc       : type=buffer, {NextRingDrops()} dropped, conc\n\n"
                        : $"Name: HAProxy\nPid: 7\nDroppedLogs: {Volatile.Read(ref _dropped)}\n\n";
                    await client.SendAsync(Encoding.ASCII.GetBytes(answer));
                    Interlocked.Increment(ref isOfRings ? ref _looks : ref _asked);
                }
            }
            catch (SocketException)
            {
                // Expected: disposed while it waits.
            }
        }
    }
}

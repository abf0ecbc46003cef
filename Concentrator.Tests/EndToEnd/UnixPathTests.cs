using System.Globalization;
using System.Net.Sockets;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>Who owns the name of a unix socket, and when.</summary>
internal sealed class UnixPathTests : ServerTests
{
    [Test]
    public void The_socket_has_its_mode_and_owner_and_is_gone_after_the_stop()
    {
        bool root = Environment.IsPrivilegedProcess;
        string group = root ? "1" : OwnGroup();
        ServerProcess server = Start(new
        {
            Listeners = new
            {
                open = new { Address = $"unix-dgram:{Directory["missing/deep/log"]}" },
                closed = new { Address = $"unix-dgram:{Directory["closed"]}", Mode = "0600", Group = group },
                stream = new { Address = $"unix-stream:{Directory["stream"]}", Mode = "0620" },
            },
            Outputs = new { file = LogFile(Directory) },
        });
        Assert.Multiple(() =>
        {
            Assert.That(Stat("missing/deep/log", "%F %a"), Is.EqualTo("socket 666"));
            Assert.That(Stat("closed", "%F %a %g"), Is.EqualTo($"socket 600 {group}"));
            Assert.That(Stat("stream", "%F %a"), Is.EqualTo("socket 620"));
        });
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(new[] { "missing/deep/log", "closed", "stream" }.Where(name => File.Exists(Directory[name])), Is.Empty);
    }

    [TestCase("unix-dgram")]
    [TestCase("unix-stream")]
    public void A_path_that_another_server_reads_is_refused_and_named(string transport)
    {
        string path = Directory.Socket("log");
        ServerProcess first = Start(Listening(transport, path));
        using TempDirectory elsewhere = new();
        ServerProcess second = Launch(Listening(transport, path), elsewhere);
        Assert.That(second.WaitForExit(), Is.EqualTo(2));
        AssertOneRefusal(second, $"Listeners:log: cannot listen on {transport}:{path}: ", $"(pid {first.Pid}) reads this path");
        SendOne(transport, path, "the first still reads");
        WaitForLines(Directory["out.log"], 1);
    }

    [Test]
    public void A_path_that_rsyslog_reads_is_refused_and_rsyslog_goes_on()
    {
        string program = Peer.Require("rsyslogd", "rsyslog");
        string path = Directory.Socket("log");
        using TempDirectory elsewhere = new();
        string configuration = elsewhere.Write(
            "rsyslog.conf",
            $"""
            module(load="imuxsock" SysSock.Use="off")
            input(type="imuxsock" Socket="{path}")
            action(type="omfile" file="{elsewhere["rsyslog.log"]}")

            """);
        using PeerProcess rsyslog = PeerProcess.Start(new PeerStart
        {
            Path = program,
            Arguments = ["-n", "-f", configuration, "-i", elsewhere["pid"]],
            WorkingDirectory = elsewhere.Path,
        });
        rsyslog.WaitUntilReady(() => File.Exists(path), path);
        ServerProcess server = Launch(Listening("unix-dgram", path));
        Assert.That(server.WaitForExit(), Is.EqualTo(2));
        AssertOneRefusal(server, $"rsyslogd (pid {rsyslog.Pid}) reads this path", "Listeners:log:Takeover");
        SendOne("unix-dgram", path, "rsyslog still reads");
        WaitForLines(elsewhere["rsyslog.log"], 1);
    }

    [TestCase("unix-dgram")]
    [TestCase("unix-stream")]
    public void Takeover_takes_the_path_and_the_first_servers_stop_leaves_it(string transport)
    {
        string path = Directory.Socket("log");
        ServerProcess first = Start(Listening(transport, path));
        using TempDirectory elsewhere = new();
        Start(Listening(transport, path, elsewhere, takeover: true), elsewhere);
        SendOne(transport, path, "to the second");
        WaitForLines(elsewhere["out.log"], 1);
        Assert.That(first.Stop(), Is.Zero);
        SendOne(transport, path, "to the second, which still has the path");
        WaitForLines(elsewhere["out.log"], 2);
        Assert.That(File.Exists(Directory["out.log"]), Is.False, "nothing went to the first");
    }

    [Test]
    public void A_file_that_is_no_socket_is_refused_and_kept()
    {
        string path = Directory.Write("log", "somebody's");
        ServerProcess server = Launch(Listening("unix-dgram", path));
        Assert.That(server.WaitForExit(), Is.EqualTo(2));
        AssertOneRefusal(server, "not a socket");
        Assert.That(File.ReadAllText(path), Is.EqualTo("somebody's"));
    }

    [TestCase("unix-dgram")]
    [TestCase("unix-stream")]
    public void An_empty_file_as_systemd_puts_it_below_a_mount_is_replaced(string transport)
    {
        string path = Directory.Write("log", "");
        Start(Listening(transport, path));
        SendOne(transport, path, "to the server");
        WaitForLines(Directory["out.log"], 1);
    }

    [Test]
    public void A_socket_that_nobody_reads_any_more_is_taken_over()
    {
        string path = Directory.Socket("log");
        ServerProcess killed = Start(Listening("unix-dgram", path));
        killed.Kill();
        Assert.That(File.Exists(path));
        Start(Listening("unix-dgram", path));
        SendOne("unix-dgram", path, "to the living");
        WaitForLines(Directory["out.log"], 1);
    }

    [Test]
    public void A_failed_start_takes_no_path_from_the_server_that_runs()
    {
        string path = Directory.Socket("log");
        Start(Listening("unix-dgram", path));
        using TempDirectory elsewhere = new();
        using Socket taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        taken.Listen();
        ServerProcess second = Launch(
            new
            {
                Listeners = new
                {
                    log = new { Address = $"unix-dgram:{path}", Takeover = true },
                    tcp = new { Address = $"tcp://127.0.0.1:{((System.Net.IPEndPoint)taken.LocalEndPoint!).Port}" },
                },
                Outputs = new { file = LogFile(elsewhere) },
            },
            elsewhere);
        Assert.That(second.WaitForExit(), Is.EqualTo(2));
        SendOne("unix-dgram", path, "the first still has the path");
        WaitForLines(Directory["out.log"], 1);
    }

    [Test]
    public void A_socket_that_cannot_have_its_owner_leaves_nothing_behind()
    {
        // Without the capability even root may not give a file away.
        Peer.Require("setpriv", "util-linux");
        string wrapped = Wrapped.Script(
            Directory, Environment.IsPrivilegedProcess ? "exec setpriv --bounding-set=-chown --inh-caps=-chown SERVER" : "exec SERVER");
        ServerProcess server = Launch(
            new
            {
                Listeners = new { log = new { Address = $"unix-dgram:{Directory["log"]}", Owner = "12345" } },
                Outputs = new { file = LogFile(Directory) },
            },
            binary: wrapped);
        Assert.That(server.WaitForExit(), Is.EqualTo(2), server.Describe());
        AssertOneRefusal(server, "cannot change the owner");
        Assert.That(System.IO.Directory.GetFiles(Directory.Path, "log*"), Is.Empty);
    }

    [Test]
    public void Ten_swaps_under_a_sender_that_never_waits_lose_nothing()
    {
        string path = Directory.Socket("log");
        using TlsIntake intake = NewIntake(keepFrames: false);
        using NotifySocket notify = new(Directory);
        object Configuration(string mode, TempDirectory directory) => new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{path}", Mode = mode, Takeover = true } },
            Outputs = new { sekoia = Relay(intake, directory) },
        };
        ServerProcess first = Start(Configuration("0666", Directory), environment: notify.Environment);
        notify.WaitForReady();

        using DatagramSender sender = DatagramSender.LikeHAProxy(path, sendBuffer: 4 << 20);
        using CancellationTokenSource enough = new();
        Task sending = Task.Run(() =>
        {
            NumberedMessage message = NumberedMessage.LocalHttpLog;
            for (int number = 0; !enough.IsCancellationRequested; number += 100) sender.TrySend(message, number, 100, perSecond: 10_000);
        });

        // Eight swaps within a server (a changed mode is a new socket), two between servers.
        for (int swap = 0; swap < 8; swap++) notify.Reload(first, Directory, Json(Configuration(swap % 2 == 0 ? "0660" : "0666", Directory)));
        using TempDirectory elsewhere = new();
        ServerProcess second = Start(Configuration("0666", elsewhere), elsewhere);
        Assert.That(first.Stop(), Is.Zero);
        using TempDirectory third = new();
        Start(Configuration("0666", third), third);
        Assert.That(second.Stop(), Is.Zero);
        enough.Cancel();
        Assert.That(sending.Wait(Deadline.Reaction));

        Assert.That(sender.Failed, Is.Zero, "no message met a path without a socket");
        Assert.That(sender.Dropped, Is.Zero, "no message met a full socket");
        intake.Sequence.AssertComplete((int)sender.Sent);
    }

    [Test]
    public void A_sender_for_whom_a_mount_covers_the_path_always_finds_a_reader()
    {
        // As Debian's unit: HAProxy sees the journal's socket at the path, and an empty file is below it.
        string path = Directory.Write("log", ""), journal = Directory.Socket("journal");
        string sender = Directory.Write(
            "sender.py",
            """
            import errno, signal, socket, sys
            ended = False
            def end(*_):
                global ended
                ended = True
            signal.signal(signal.SIGTERM, end)
            sending = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            sending.setblocking(False)
            lost = 0
            sending.sendto(b"<134>1 - - - - - - first", sys.argv[1])
            print("sends", flush=True)
            while not ended:
                try:
                    sending.sendto(b"<134>1 - - - - - - next", sys.argv[1])
                except BlockingIOError:
                    pass
                except OSError as failed:
                    lost += 1
            print(f"lost {lost}", flush=True)
            """);
        for (int round = 0; round < 8; round++)
        {
            Directory.Write("log", "");
            File.Delete(journal);
            using Socket reader = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
            reader.Bind(new UnixDomainSocketEndPoint(journal));
            using PeerProcess sending = PeerProcess.Start(new PeerStart
            {
                Path = Peer.Require("unshare", "util-linux"),
                Arguments = ["--mount", "sh", "-c", "mount --bind \"$1\" \"$2\" && exec python3 \"$3\" \"$2\"", "sh", journal, path, sender],
            });
            sending.WaitUntilReady(() => sending.Output.Text().Contains("sends", StringComparison.Ordinal), "the first message");
            ServerProcess server = Start(Listening("unix-dgram", path));
            Assert.That(sending.Terminate(), Is.Zero);
            Assert.That(sending.Output.Text(), Does.EndWith("lost 0\n"), $"takeover {round + 1}");
            server.Stop();
        }
    }

    [Test]
    public void The_datagram_queue_is_raised_before_the_socket_is_bound()
    {
        using SysctlGuard guard = SysctlGuard.Set(SysctlGuard.DatagramQueue, 10);
        string path = Directory.Socket("log");
        ServerProcess server = Start(Listening("unix-dgram", path));
        Assert.That(File.ReadAllText("/proc/sys/net/unix/max_dgram_qlen").Trim(), Is.EqualTo("16384"));
        server.WaitForLine("raised from 10 to 16384");
        using DatagramSender sender = DatagramSender.LikeHAProxy(path, sendBuffer: 4 << 20);

        // The kernel gives a socket the length that the setting has when it is created.
        server.Send(Signal.Stop);
        sender.TrySend(NumberedMessage.LocalHttpLog, 0, 1000);
        server.Send(Signal.Cont);
        Assert.That(sender.Dropped, Is.Zero);
        Assert.That(WaitForLines(Directory["out.log"], 1000), Has.Count.EqualTo(1000));
    }

    [Test]
    public void A_datagram_queue_that_may_not_be_raised_is_said_once_with_the_command_that_raises_it()
    {
        using SysctlGuard guard = SysctlGuard.Set(SysctlGuard.DatagramQueue, 10);
        Peer.Require("unshare", "util-linux");
        string wrapped = Wrapped.Script(
            Directory, "exec unshare --mount sh -c 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec \"$@\"' sh SERVER");
        ServerProcess server = Start(
            new
            {
                Listeners = new
                {
                    one = new { Address = $"unix-dgram:{Directory["one"]}" },
                    two = new { Address = $"unix-dgram:{Directory["two"]}" },
                },
                Outputs = new { file = LogFile(Directory) },
            },
            binary: wrapped);
        Assert.That(server.WaitForLine("max_dgram_qlen"), Has.Count.EqualTo(1).And.All.Contains("run: sysctl -w net.unix.max_dgram_qlen=16384"));
        SendOne("unix-dgram", Directory["one"], "works all the same");
        WaitForLines(Directory["out.log"], 1);
    }

    private object Listening(string transport, string path, TempDirectory? directory = null, bool takeover = false) => new
    {
        Listeners = new { log = new { Address = $"{transport}:{path}", Takeover = takeover } },
        Outputs = new { file = LogFile(directory ?? Directory) },
    };

    private static void AssertOneRefusal(ServerProcess server, params string[] parts)
    {
        string[] refusals = [.. server.LogLines.Where(static line => line.Contains("cannot listen", StringComparison.Ordinal))];
        Assert.That(refusals, Has.Length.EqualTo(1), server.Describe());
        foreach (string part in parts) Assert.That(refusals[0], Does.Contain(part));
    }

    private static string OwnGroup() =>
        File.ReadLines("/proc/self/status").First(static line => line.StartsWith("Gid:", StringComparison.Ordinal)).Split('\t')[1]
            .ToString(CultureInfo.InvariantCulture);

    private string Stat(string name, string format) => FileStatus.Of(format, Directory[name]);
}

using System.Net.Sockets;
using System.Text.RegularExpressions;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>A real HAProxy that runs: found by its /proc entry, asked for its version and its losses.</summary>
internal sealed partial class RunningHaproxyTests
{
    [Test]
    public async Task A_running_HAProxy_is_known_by_its_process()
    {
        using PlantedHost host = new();
        using HAProxy haproxy = new(new HAProxySetup { Threads = 3 });
        host.Show(haproxy.Pid);
        host.Show(Environment.ProcessId);
        HaproxyProcess found = HaproxyProcess.FindAll(host.Proc).Single();
        string said = PeerProcess.Run(new PeerStart { Path = Peer.Require("haproxy", "haproxy"), Arguments = ["-v"] }).Output;
        Version? version = await HaproxyProcess.VersionOfAsync(found.Program, CancellationToken.None);
        Assert.Multiple(() =>
        {
            Assert.That(found.Pid, Is.EqualTo(haproxy.Pid));
            Assert.That(found.Threads, Is.EqualTo(3));
            Assert.That(found.Config.Logs.Single().Text, Is.EqualTo("log /dev/log len 8192 format rfc5424 local0"));
            Assert.That(version?.ToString(), Is.EqualTo(VersionNumber().Match(said).Value));
        });
    }

    [Test]
    public void Its_user_and_groups_are_those_of_the_worker()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root may change the user");
        using PlantedHost host = new();
        using HAProxy haproxy = new(new HAProxySetup { Global = ["user haproxy", "group haproxy"] });
        host.Show(haproxy.Pid);
        Account named = Account.Named("haproxy", "haproxy")!;
        Assert.That(named.User, Is.Not.Zero);
        Account found = HaproxyProcess.FindAll(host.Proc).Single().Account!;
        Assert.That(found.User, Is.EqualTo(named.User));
        Assert.That(found.Groups, Has.Member(named.Groups[0]));
    }

    [Test]
    public void Of_a_master_and_its_worker_the_worker_counts_and_the_master_knows_the_files()
    {
        using PlantedHost host = new();
        using PeerProcess master = StartMaster(host);
        HaproxyProcess worker = HaproxyProcess.FindAll(host.Proc).Single();
        Assert.That(worker.Pid, Is.EqualTo(ProcessTree.Descendants(master.Pid).Single().Pid));
        Assert.That(worker.Config.Files, Is.EqualTo([host.Temp["haproxy.cfg"]]), "a relative path, from the master's directory");
    }

    [Test]
    public void A_worker_is_in_its_chroot_while_its_root_is_what_the_path_names()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root may change the root");
        using PlantedHost host = new();
        using PeerProcess master = StartMaster(host);
        HaproxyProcess worker = HaproxyProcess.FindAll(host.Proc).Single();
        Eventually.Holds(() => worker.IsInItsChroot, "it has changed its root, which it does after the fork");
        Directory.Move(host.Temp["root"], host.Temp["former"]);
        Assert.That(worker.IsInItsChroot, "nothing is known of a path that cannot be seen");
        Directory.CreateDirectory(host.Temp["root"]);
        Assert.That(worker.IsInItsChroot, Is.False);
    }

    [Test]
    public async Task A_program_that_tells_no_version_leaves_it_unknown()
    {
        Assert.That(await HaproxyProcess.VersionOfAsync(Peer.Require("true", "coreutils"), CancellationToken.None), Is.Null);
        Assert.That(await HaproxyProcess.VersionOfAsync("/nowhere/haproxy", CancellationToken.None), Is.Null);
    }

    [Test]
    public async Task Messages_that_HAProxy_had_to_drop_are_told()
    {
        using HAProxy haproxy = new();
        using Socket stalled = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        stalled.Bind(new UnixDomainSocketEndPoint(haproxy.LogSocket));
        File.SetUnixFileMode(haproxy.LogSocket, ListenerOptions.DefaultMode);
        DroppedLogsCheck check = new(HaproxyConfig.Read([haproxy.ConfigurationFile]), "concentrator doctor --fix");
        (await check.LookAsync(CancellationToken.None)).IsWell();

        // More than any queue and buffer hold that nobody reads from.
        haproxy.Request(20_000);
        long dropped = haproxy.DroppedLogs();
        Assert.That(dropped, Is.Positive);
        (await check.LookAsync(CancellationToken.None)).Says(Verdict.Warn, $"{dropped} messages lost", "concentrator doctor --fix");
    }

    [Test]
    public async Task A_stats_socket_that_is_missing_or_dead_is_said()
    {
        using TempDirectory temp = new();
        string file = temp.Write("haproxy.cfg", $"global\n    stats socket {temp["stats"]}\n");
        (await new DroppedLogsCheck(HaproxyConfig.Read([file]), "longer queues").LookAsync(CancellationToken.None))
            .Says(Verdict.Warn, "does not answer", $"echo show info | socat stdio {temp["stats"]}");
        file = temp.Write("haproxy.cfg", "global\n");
        (await new DroppedLogsCheck(HaproxyConfig.Read([file]), "longer queues").LookAsync(CancellationToken.None))
            .Says(Verdict.Warn, "has no stats socket", "stats socket /run/haproxy/admin.sock mode 660 level admin");
    }

    [TestCase("ipv4@127.0.0.1:PORT")]
    [TestCase("127.0.0.1:PORT")]
    [TestCase("ipv4@*:PORT")]
    [TestCase(":PORT")]
    [TestCase("abns@NAME")]
    public async Task A_stats_socket_that_is_no_file_is_asked_as_well(string address)
    {
        using TempDirectory temp = new();
        address = address.Replace("PORT", $"{FreePort.Next()}", StringComparison.Ordinal).Replace("NAME", AbstractNames.Next(), StringComparison.Ordinal);
        using HAProxy haproxy = new(new HAProxySetup { Global = [$"stats socket {address} level admin"] });
        string file = temp.Write("haproxy.cfg", $"global\n    stats socket fd@3\n    stats socket {address} level admin\n");
        (await new DroppedLogsCheck(HaproxyConfig.Read([file]), "longer queues").LookAsync(CancellationToken.None)).IsWell();
    }

    [Test]
    public async Task A_stats_socket_that_cannot_be_asked_or_does_not_answer_is_told_with_what_would()
    {
        using TempDirectory temp = new();
        string file = temp.Write("haproxy.cfg", "global\n    stats socket fd@3\n");
        (await new DroppedLogsCheck(HaproxyConfig.Read([file]), "longer queues").LookAsync(CancellationToken.None))
            .Says(Verdict.Warn, "fd@3: no stats socket is reachable from here", "stats socket /run/haproxy/admin.sock");
        int port = FreePort.Next();
        file = temp.Write("haproxy.cfg", $"global\n    stats socket ipv4@127.0.0.1:{port}\n");
        (await new DroppedLogsCheck(HaproxyConfig.Read([file]), "longer queues").LookAsync(CancellationToken.None))
            .Says(Verdict.Warn, $"ipv4@127.0.0.1:{port} does not answer", $"echo show info | socat stdio tcp:127.0.0.1:{port}");
        string name = AbstractNames.Next();
        file = temp.Write("haproxy.cfg", $"global\n    stats socket abns@{name}\n");
        (await new DroppedLogsCheck(HaproxyConfig.Read([file]), "longer queues").LookAsync(CancellationToken.None))
            .Says(Verdict.Warn, $"abns@{name} does not answer", $"socat stdio abstract:{name},unix-tightsocklen=0");
    }

    /// <summary>A master and its worker, each with a /proc entry on that host; the worker has a chroot, if we may give it one.</summary>
    private static PeerProcess StartMaster(PlantedHost host)
    {
        Directory.CreateDirectory(host.Temp["root/dev"]);
        int port = FreePort.Next();
        host.Temp.Write("haproxy.cfg", new HAProxySetup { SendHostname = false }.Render(host.Temp["root"], Environment.IsPrivilegedProcess, host.Temp["stats"], port));
        PeerProcess master = PeerProcess.Start(new PeerStart
        {
            Path = Peer.Require("haproxy", "haproxy"),
            Arguments = ["-W", "-f", "haproxy.cfg"],
            WorkingDirectory = host.Temp.Path,
        });
        master.WaitUntilReady(() => FreePort.IsListening(port) && ProcessTree.Descendants(master.Pid).Any(), "its port, which it binds before the worker is there");
        int[] all = [master.Pid, .. ProcessTree.Descendants(master.Pid).Select(static member => member.Pid)];
        Assert.That(all, Has.Length.EqualTo(2));
        foreach (int pid in all) host.Show(pid);
        return master;
    }

    [GeneratedRegex(@"\d+\.\d+\.\d+")]
    private static partial Regex VersionNumber();
}

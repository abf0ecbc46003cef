using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>Where HAProxy's log lines lead: to a listener of ours, to others, or to nobody.</summary>
internal sealed class LogDestinationTests
{
    private PlantedHost _host = null!;

    [SetUp]
    public void Plant() => _host = new PlantedHost();

    [TearDown]
    public void Remove() => _host.Dispose();

    [TestCase("log /dev/log local0", "unix-dgram:/var/lib/haproxy/dev/log")]
    [TestCase("log unix@/dev/log local0", "unix-dgram:/var/lib/haproxy/dev/log")]
    [TestCase("log uxst@/dev/log local0", "unix-stream:/var/lib/haproxy/dev/log")]
    [TestCase("log abns@conc local0", "unix-dgram:abns@conc")]
    [TestCase("log 127.0.0.1 local2", "udp://127.0.0.1:514")]
    [TestCase("log 127.0.0.1:5140 local2", "udp://0.0.0.0:5140")]
    [TestCase("log udp@localhost:5140 local2", "udp://[::]:5140")]
    [TestCase("log ipv6@[::1]:5140 local2", "udp://[::]:5140")]
    [TestCase("log 192.0.2.77:5140 local2", "udp://0.0.0.0:5140")]
    [TestCase("log *:5140 local2", "udp://127.0.0.1:5140")]
    [TestCase("log tcp@127.0.0.1:5140 local2", "tcp://127.0.0.1:5140")]
    [TestCase("log ring@r local0\nring r\n server a 127.0.0.1:5140 log-proto octet-count", "tls://0.0.0.0:5140")]
    [TestCase("log ring@r local0\nring r\n server a abns@conc log-proto octet-count", "unix-stream:abns@conc")]
    [TestCase("log backend@b local0\nbackend b\n mode log\n server a udp@127.0.0.1:5140", "udp://127.0.0.1:5140")]
    public void A_line_that_leads_to_a_listener_is_known(string lines, string listener)
    {
        LogDestinations destinations = Destinations(lines, out HaproxyConfig config, Listener(listener));
        Assert.That(destinations.IsOurs(config.Logs.Single()));
        Assert.That(Look(lines, Listener(listener)), Is.Empty);
    }

    [TestCase("log /dev/log local0", "unix-stream:/var/lib/haproxy/dev/log")]
    [TestCase("log /dev/log local0", "unix-dgram:/dev/log")]
    [TestCase("log abns@conc local0", "unix-dgram:abnsz@conc")]
    [TestCase("log abns@conc local0", "unix-stream:abns@conc")]
    [TestCase("log 127.0.0.1 local2", "tcp://127.0.0.1:514")]
    [TestCase("log 127.0.0.1 local2", "udp://127.0.0.1:5140")]
    [TestCase("log 127.0.0.1 local2", "udp://192.0.2.77:514")]
    [TestCase("log 192.0.2.1 local2", "udp://0.0.0.0:514")]
    [TestCase("log loghost local2", "udp://0.0.0.0:514")]
    [TestCase("log ring@r local0\nring r\n size 65536", "tls://0.0.0.0:5140")]
    public void A_line_that_does_not_is_not_taken_for_one_that_does(string lines, string listener) =>
        Assert.That(Destinations(lines, out HaproxyConfig config, Listener(listener)).IsOurs(config.Logs.Single()), Is.False);

    [Test]
    public void In_another_network_namespace_loopback_and_names_are_others()
    {
        HaproxyConfig config = Read("log 127.0.0.1 local2\n log abns@conc local0\n log /dev/log local0");
        LogDestinations destinations = new(
            config, [Listener("udp://0.0.0.0:514"), Listener("unix-dgram:abns@conc"), Listener("unix-dgram:/dev/log")], "", null, sharesNetwork: false, []);
        Assert.That(config.Logs.Select(destinations.IsOurs), Is.EqualTo([false, false, true]));
    }

    [Test]
    public void A_port_where_nobody_listens_fails_and_haproxy_cfg_is_what_has_to_change()
    {
        int port = FreePort.Next();
        Look($"log 127.0.0.1:{port} local2", Listener("unix-dgram:/var/lib/haproxy/dev/log")).First().Says(
            Verdict.Fail, $"no process listens at 127.0.0.1:{port} (UDP): messages sent there are lost", "log /dev/log len 8192 format rfc5424 local2    (in haproxy.cfg, instead of this line)");
        Look($"log 127.0.0.1:{port} local2", Listener($"tcp://127.0.0.1:{port}")).First().Says(
            Verdict.Fail, "messages sent there are lost", $"\"haproxy-udp\": {{ \"Address\": \"udp://127.0.0.1:{port}\" }}");
        Look($"log ring@r local0\nring r\n server a 127.0.0.1:{port}", Listener("udp://0.0.0.0:5140")).First().Says(
            Verdict.Fail, $"no process listens at 127.0.0.1:{port} (TCP)", "log 127.0.0.1:5140 len 8192 format rfc5424 local0");
    }

    [Test]
    public void Who_has_the_port_of_another_address_or_hears_one_peer_alone_does_not_hear_the_line()
    {
        using Socket connected = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        connected.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)connected.LocalEndPoint!).Port;
        ListenerOptions ours = Listener("unix-dgram:/var/lib/haproxy/dev/log");
        Look($"log 192.0.2.77:{port} local2", ours).First().Says(Verdict.Fail, $"no process listens at 192.0.2.77:{port} (UDP)", "log /dev/log");
        Look($"log 127.0.0.1:{port} local2", ours).First().Says(Verdict.Warn, "listens at", "log /dev/log");
        connected.Connect(IPAddress.Loopback, 9);
        Look($"log 127.0.0.1:{port} local2", ours).First().Says(Verdict.Fail, $"no process listens at 127.0.0.1:{port} (UDP)", "log /dev/log");
        using Socket every = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        every.Bind(new IPEndPoint(IPAddress.IPv6Any, 0));
        every.Listen();
        port = ((IPEndPoint)every.LocalEndPoint!).Port;
        Look($"log ring@r local0\nring r\n server a 127.0.0.1:{port}", ours).First().Says(Verdict.Warn, $"listens at 127.0.0.1:{port} (TCP)", "log /dev/log");
        Look($"log ring@r local0\nring r\n server a [::1]:{port}", ours).First().Says(Verdict.Warn, $"listens at [::1]:{port} (TCP)", "log /dev/log");
    }

    [Test]
    public void A_path_where_nobody_reads_is_lost_as_well()
    {
        using TempDirectory root = new();
        HaproxyConfig config = Read("log /dev/log local0\n log /dev/other local1");
        IEnumerable<Diagnosis> Look(string ours) => new LogDestinationCheck(
            _host.Proc, config, "HAProxy (pid 1)", new LogDestinations(config, [Listener(ours)], "/var/lib/haproxy", root.Path, sharesNetwork: true, []), [Listener(ours)]).Look();
        const string First = "unix-dgram:/var/lib/haproxy/dev/log", Elsewhere = "unix-dgram:/run/concentrator/log";

        Look(First).Says(Verdict.Warn, "no process reads /dev/other inside HAProxy's root /var/lib/haproxy: messages sent there are lost", "sed -i '3{/log.*local1/d}'");
        Look(Elsewhere).First().Says(Verdict.Fail, "no process reads /dev/log inside", "\"unix-dgram:/var/lib/haproxy/dev/log\" }    (among the Listeners)");
        using Socket other = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(root.Socket("dev/other")));
        Assert.That(Look(First), Is.Empty, "another reads there");
        File.Move(root["dev/other"], root["dev/left"]);
        other.Dispose();
        File.Move(root["dev/left"], root["dev/other"]);
        Look(First).Says(Verdict.Warn, "no process reads /dev/other", "sed -i");
    }

    [Test]
    public void A_ring_with_octet_counts_is_told_by_its_port_where_the_configuration_can_be_read()
    {
        ListenerOptions[] two = [Listener("tcp://0.0.0.0:5140"), Listener("tcp://0.0.0.0:5141"), Listener("unix-stream:/run/log")];
        LogDestinations destinations = Destinations("log ring@r local0\nring r\n server a 192.0.2.1:5140 log-proto octet-count\n server b 192.0.2.1:5141", out _, two);
        Assert.That(destinations.BehindOctetCounts(), Is.EqualTo(two[..1]));
        Assert.That(new LogDestinations(HaproxyConfig.Read(["/nowhere.cfg"]), two, "", null, sharesNetwork: true, []).BehindOctetCounts(), Is.EqualTo(two));
    }

    [Test]
    public void Beside_a_line_that_leads_to_us_it_is_a_warning_and_the_line_is_to_go() =>
        Look($"log /dev/log local0\n log 127.0.0.1:{FreePort.Next()} local2", Listener("unix-dgram:/var/lib/haproxy/dev/log"))
            .Says(Verdict.Warn, "no process listens at 127.0.0.1:", "sed -i '3{/log.*local2/d}'");

    [Test]
    public void A_port_that_another_has_is_warned_of_where_nothing_leads_to_us()
    {
        using Socket other = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        string line = $"log {other.LocalEndPoint} local2";
        ListenerOptions ours = Listener("unix-dgram:/var/lib/haproxy/dev/log");
        Look(line, ours).First().Says(Verdict.Warn, "a process that this user cannot see listens at", "log /dev/log len 8192 format rfc5424 local2");
        _host.Show(Environment.ProcessId);
        Look(line, ours).First().Says(Verdict.Warn, $"(pid {Environment.ProcessId}) listens at {other.LocalEndPoint} (UDP), not Concentrator", "log /dev/log len 8192");
        Assert.That(Look($"log /dev/log local0\n {line}", ours), Is.Empty, "one line is ours, the other somebody's");
    }

    [Test]
    public void A_HAProxy_in_a_chroot_that_our_path_is_not_in_needs_another_listener()
    {
        Diagnosis found = Look("log /dev/log local0", Listener("unix-dgram:/run/concentrator/log")).Single();
        found.Says(
            Verdict.Warn, "none of HAProxy (pid 1) leads to a Concentrator listener: it logs to /dev/log inside its root /var/lib/haproxy",
            "\"haproxy\": { \"Address\": \"unix-dgram:/var/lib/haproxy/dev/log\" }");
    }

    [Test]
    public void A_HAProxy_without_a_chroot_is_to_log_to_our_path_and_the_systems_socket_is_left_alone()
    {
        HaproxyConfig config = Read("log /dev/log local0");
        LogDestinations destinations = new(config, [Listener("unix-dgram:/var/lib/haproxy/dev/log")], "", null, sharesNetwork: true, []);
        Diagnosis found = new LogDestinationCheck(_host.Proc, config, "HAProxy (pid 1)", destinations, [Listener("unix-dgram:/var/lib/haproxy/dev/log")]).Look().Single();
        found.Says(
            Verdict.Warn, "leads to a Concentrator listener: it logs to /dev/log",
            "log /var/lib/haproxy/dev/log len 8192 format rfc5424 local0    (in haproxy.cfg, instead of: log /dev/log local0)");
        Assert.That(found.Remedy, Does.Not.Contain("Address"));
    }

    [Test]
    public void A_path_written_as_it_is_outside_the_chroot_is_not_doubled_in_the_remedy()
    {
        Diagnosis found = Look("log /var/lib/haproxy/dev/log local0", Listener("unix-dgram:/var/lib/haproxy/dev/log")).Single();
        found.Says(Verdict.Warn, "leads to a Concentrator listener", "log /dev/log len 8192 format rfc5424 local0");
        found = Look("log /var/lib/haproxy/dev/log local0", Listener("unix-dgram:/run/concentrator/log")).Single();
        found.Says(Verdict.Warn, "leads to a Concentrator listener", "\"unix-dgram:/var/lib/haproxy/dev/log\"");
    }

    [Test]
    public void HAProxy_itself_finds_nothing_at_such_a_path_and_the_remedy_cures_it()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root may change the root directory");
        string path = _host.Temp.Socket("root/dev/log");
        using ServerProcess server = new ServerSetup(_host.Temp).Listen("haproxy", $"unix-dgram:{path}").File("haproxy.log").Start();
        Diagnosis found;
        using (PeerProcess haproxy = StartHaproxy($"{path} len 8192 format rfc5424 local0", "root"))
        {
            found = View(path).Single();
            found.Says(Verdict.Fail, $"gives the path as seen outside the chroot {_host.Temp["root"]}", "log /dev/log len 8192 format rfc5424 local0    (in haproxy.cfg");
            _host.Hide(haproxy.Pid);
        }
        using PeerProcess cured = StartHaproxy(found.Remedy!.Split("    (")[0]["log ".Length..], "root");
        View(path).IsWell();
    }

    [Test]
    public void A_listener_that_HAProxy_reaches_by_a_link_is_ours()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root may look through HAProxy's eyes");
        string path = _host.Temp.Socket("real/log");
        File.CreateSymbolicLink(_host.Temp["link"], path);
        using ServerProcess server = new ServerSetup(_host.Temp).Listen("haproxy", $"unix-dgram:{path}").File("haproxy.log").Start();
        using PeerProcess haproxy = StartHaproxy($"{_host.Temp["link"]} len 8192 format rfc5424 local0", chroot: null);
        HaproxyProcess worker = HaproxyProcess.FindAll(_host.Proc).Single();
        LogDestinations destinations = new(worker.Config, [Findings.UnixListener(path)], worker.Outside, worker.Root, sharesNetwork: true, []);
        Assert.That(destinations.IsOurs(worker.Config.Logs.Single()));
        View(path).IsWell();
    }

    [Test]
    public void A_worker_whose_chroot_was_replaced_has_to_be_reloaded()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root may change the root");
        string path = _host.Temp.Socket("root/dev/log");
        using PeerProcess haproxy = StartHaproxy("/dev/log len 8192 format rfc5424 local0", "root");
        Eventually.Holds(() => HaproxyProcess.FindAll(_host.Proc).Single().IsInItsChroot, "it has changed its root");
        Directory.Move(_host.Temp["root"], _host.Temp["former"]);
        Directory.CreateDirectory(_host.Temp["root/dev"]);
        using ServerProcess server = new ServerSetup(_host.Temp).Listen("haproxy", $"unix-dgram:{path}").File("haproxy.log").Start();
        View(path).Says(Verdict.Fail, $"{_host.Temp["root"]} was replaced after its worker (pid {haproxy.Pid}) had started", "systemctl reload haproxy");
    }

    [Test]
    public void Without_any_place_for_HAProxy_it_may_log_where_it_likes() =>
        Assert.That(Look("log 192.0.2.1 local2", Listener("tcp://0.0.0.0:6514")), Is.Empty);

    /// <param name="line">Of <c>log</c>.</param>
    /// <param name="chroot">A name in the host's directory; null = none.</param>
    private PeerProcess StartHaproxy(string line, string? chroot)
    {
        int port = FreePort.Next();
        string config = new HAProxySetup { Log = [line] }.Render(_host.Temp[chroot ?? ""], chroot is not null, _host.Temp["stats"], port);
        PeerProcess haproxy = PeerProcess.Start(new PeerStart { Path = Peer.Require("haproxy", "haproxy"), Arguments = ["-db", "-f", _host.Temp.Write("haproxy.cfg", config)] });
        haproxy.WaitUntilReadyOrDispose(() => FreePort.IsListening(port), "its port", haproxy);
        _host.Show(haproxy.Pid);
        return haproxy;
    }

    private IEnumerable<Diagnosis> View(string path) => new ChrootViewCheck(HaproxyProcess.FindAll(_host.Proc), [Findings.UnixListener(path)]).Look();

    private IEnumerable<Diagnosis> Look(string lines, params ListenerOptions[] listeners)
    {
        LogDestinations destinations = Destinations(lines, out HaproxyConfig config, listeners);
        return [.. new LogDestinationCheck(_host.Proc, config, "HAProxy (pid 1)", destinations, listeners).Look()];
    }

    private LogDestinations Destinations(string lines, out HaproxyConfig config, params ListenerOptions[] listeners)
    {
        config = Read(lines);
        return new LogDestinations(config, listeners, "/var/lib/haproxy", null, sharesNetwork: true, _host.Host.Addresses);
    }

    private HaproxyConfig Read(string lines) => HaproxyConfig.Read([_host.Temp.Write("read.cfg", $"global\n {lines}\n")]);

    private static ListenerOptions Listener(string address)
    {
        Assert.That(ListenAddressParser.Parse(address).TryGet(out ListenAddress? parsed, out string? problem), Is.True, problem);
        return new ListenerOptions { Name = "ours", Address = parsed! };
    }
}

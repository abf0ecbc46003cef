using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>An abstract socket: who has its name, and whether HAProxy means the same one.</summary>
internal sealed class AbstractSocketCheckTests
{
    private PlantedHost _host = null!;
    private string _name = null!;

    [SetUp]
    public void Plant()
    {
        _host = new PlantedHost();
        _name = AbstractNames.Next();
    }

    [TearDown]
    public void Remove() => _host.Dispose();

    [TestCase("abns@")]
    [TestCase("abnsz@")]
    public void A_name_that_the_server_has_is_well(string kind)
    {
        using ServerProcess server = Listening(kind);
        _host.Show(server.Pid);
        Look(kind).IsWell();
    }

    [Test]
    public void A_name_that_nobody_has_fails() =>
        Look("abns@").Says(Verdict.Fail, $"socket abns@{_name}: no process holds the name", "systemctl restart concentrator");

    [Test]
    public void A_name_that_another_process_has_fails_and_that_one_is_to_be_stopped()
    {
        using Socket other = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(AbstractNames.Whole("abns@", _name)));
        Look("abns@").Says(Verdict.Warn, "that this user cannot see", RefusedInspectionTests.Expected);
        _host.Show(Environment.ProcessId);
        Look("abns@").Says(Verdict.Fail, $"(pid {Environment.ProcessId}) holds the name, not Concentrator", "then: systemctl restart concentrator");
        Look("abnsz@").Says(Verdict.Fail, "no process holds the name", "systemctl restart concentrator");
    }

    [Test]
    public void A_stream_socket_of_that_name_is_not_the_datagram_listeners()
    {
        using Socket other = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        other.Bind(new UnixDomainSocketEndPoint(AbstractNames.Whole("abns@", _name)));
        _host.Show(Environment.ProcessId);
        Look("abns@").Says(Verdict.Fail, "no process holds the name", "systemctl restart concentrator");
    }

    [Test]
    public void A_HAProxy_that_logs_to_the_name_sees_the_socket()
    {
        using ServerProcess server = Listening("abns@");
        using HAProxy haproxy = new(new HAProxySetup { Log = [$"abns@{_name} len 8192 format rfc5424 local0"] });
        _host.Show(server.Pid);
        _host.Show(haproxy.Pid);
        Diagnosis[] found = [.. Look("abns@")];
        Assert.That(found, Has.Length.EqualTo(2));
        foreach (Diagnosis one in found) one.IsWell();
        Assert.That(found[1].Finding, Does.Contain($"its worker (pid {haproxy.Pid}) sees the socket of listener haproxy"));
        Assert.That(new ChrootViewCheck(HaproxyProcess.FindAll(_host.Proc), [Listener("abns@")]).Look(), Is.Empty);
    }

    [Test]
    public void A_name_that_differs_by_its_padding_alone_is_another_socket()
    {
        using ServerProcess server = Listening("abnsz@");
        using HAProxy haproxy = new(new HAProxySetup { Log = [$"abns@{_name} len 8192 format rfc5424 local0"] });
        _host.Show(server.Pid);
        _host.Show(haproxy.Pid);
        Look("abnsz@").Last().Says(Verdict.Fail, "leads to another socket than listener haproxy", $"\"haproxy\": {{ \"Address\": \"unix-dgram:abns@{_name}\" }}");
    }

    [Test]
    public void A_HAProxy_in_another_network_namespace_does_not_see_the_socket()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("a network namespace of its own needs root");
        Directory.CreateDirectory(_host.Temp["root"]);
        string config = _host.Temp.Write(
            "haproxy.cfg",
            new HAProxySetup { Log = [$"abns@{_name} len 8192 format rfc5424 local0"] }.Render(_host.Temp["root"], true, _host.Temp["stats"], FreePort.Next()));
        using ServerProcess server = Listening("abns@");
        using PeerProcess haproxy = PeerProcess.Start(new PeerStart
        {
            Path = Peer.Require("unshare", "util-linux"),
            Arguments = ["-n", "sh", "-c", $"ip link set lo up; exec {Peer.Require("haproxy", "haproxy")} -db -f {config}"],
        });
        haproxy.WaitUntilReady(() => File.Exists(_host.Temp["stats"]), "its stats socket");
        _host.Show(server.Pid);
        _host.Show(haproxy.Pid);
        Look("abns@").Last().Says(Verdict.Fail, $"its worker (pid {haproxy.Pid}) is in another network namespace (net:[", "PrivateNetwork=");
    }

    [TestCase("log abns@conc local0", "abns@conc")]
    [TestCase("log dgram+abns@conc local0", "abns@conc")]
    [TestCase("log stream+abnsz@conc local0", "abnsz@conc")]
    [TestCase("log /dev/log local0", null)]
    public void A_log_line_to_a_name_is_read(string line, string? name)
    {
        string file = _host.Temp.Write("haproxy.cfg", $"global\n    {line}\n");
        HaproxyLogDirective log = HaproxyConfig.Read([file]).Logs.Single();
        Assert.That(log.Abstract?.ToString(), Is.EqualTo(name));
        Assert.That(log.IsImplicitRing, Is.EqualTo(line.Contains("stream+", StringComparison.Ordinal)));
        Assert.That(log.SocketPath, Is.EqualTo(name is null ? "/dev/log" : null));
    }

    private ServerProcess Listening(string kind) => new ServerSetup(_host.Temp).Listen("haproxy", $"unix-dgram:{kind}{_name}").File("out.log").Start();

    private ListenerOptions Listener(string kind) => new()
    {
        Name = "haproxy",
        Address = new ListenAddress(Transport.UnixDatagram, null, null) { Abstract = new AbstractName(_name, kind == "abns@") },
    };

    private IEnumerable<Diagnosis> Look(string kind) =>
        new AbstractSocketCheck(_host.Proc, Listener(kind), _host.Host.RestartServer, HaproxyProcess.FindAll(_host.Proc)).Look();
}

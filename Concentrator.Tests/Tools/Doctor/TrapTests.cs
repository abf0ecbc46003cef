using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>
/// Debian's trap with a real HAProxy: its unit mounts another socket over the one in its chroot. A service manager is stood in
/// for by the test, which reads the last <c>BindReadOnlyPaths=</c> of unit and drop-ins and starts HAProxy with it in a mount
/// namespace of its own.
/// </summary>
internal sealed class TrapTests
{
    private PlantedHost _host = null!;
    private string _ours = null!;
    private string _journal = null!;
    private int _port;

    [SetUp]
    public void PlantUnit()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("mounting needs root");
        _host = new PlantedHost();
        _ours = _host.Temp.Socket("root/dev/log");
        _journal = _host.Temp.Socket("journal");
        _port = FreePort.Next();
        _host.Temp.Write("lib-units/haproxy.service", $"[Service]\nBindReadOnlyPaths={_journal}:{_ours}\n");
    }

    [TearDown]
    public void RemoveUnit() => _host?.Dispose();

    [Test]
    public void Debians_mount_is_found_and_the_remedy_as_it_is_printed_cures_it()
    {
        using Socket journald = Bind(_journal);
        using ServerProcess server = new ServerSetup(_host.Temp).Listen("haproxy", $"unix-dgram:{_ours}").File("haproxy.log").Start();
        Diagnosis trapped;
        using (PeerProcess haproxy = StartAsTheUnitSays())
        {
            HttpLoad.Run(_port, 1, 1, 0);
            Assert.That(journald.Receive(new byte[65537]), Is.Positive, "the message goes elsewhere");
            trapped = View().Single();
            trapped.Says(Verdict.Fail, $"is mounted over {_ours} for its worker (pid {haproxy.Pid})", "BindReadOnlyPaths=\\n");
            UnitMounts().Says(Verdict.Warn, $"mounts another socket over {_ours}", trapped.Remedy!);
            _host.Hide(haproxy.Pid);
        }
        Assert.That(Path.Exists(_host.Temp["haproxy.log"]) ? File.ReadAllText(_host.Temp["haproxy.log"]) : "", Is.Empty);

        Assert.That(Paste(trapped.Remedy!), Is.EqualTo("daemon-reload\nrestart haproxy\n"));
        using PeerProcess cured = StartAsTheUnitSays();
        HttpLoad.Run(_port, 1, 1, 0);
        LineFile.WaitForLines(_host.Temp["haproxy.log"], 1);
        View().IsWell();
        UnitMounts().IsWell();
    }

    [Test]
    public void A_mounted_socket_that_no_longer_exists_is_told_from_one_that_does()
    {
        using (Socket old = Bind(_journal))
        {
            File.WriteAllText(_ours, "");
            using PeerProcess haproxy = StartAsTheUnitSays();
            File.Delete(_journal);
            using ServerProcess server = new ServerSetup(_host.Temp).Listen("other", $"unix-dgram:{_journal}").File("haproxy.log").Start();
            View().Says(Verdict.Fail, "a socket that no longer exists is mounted there", "systemctl restart haproxy");
        }
    }

    [Test]
    public void A_HAProxy_that_finds_no_socket_fails()
    {
        _host.Temp.Write("lib-units/haproxy.service", "[Service]\n");
        using PeerProcess haproxy = StartAsTheUnitSays();
        View().Says(Verdict.Fail, $"its worker (pid {haproxy.Pid}) finds no file there", "systemctl restart haproxy");
    }

    [Test]
    public void Debians_own_unit_is_found_and_the_sample_drop_in_cures_it()
    {
        const string Unit = "/lib/systemd/system/haproxy.service";
        Peer.RequireFile([Unit], "haproxy");
        _host.Temp.Write("lib-units/haproxy.service", File.ReadAllText(Unit));
        UnitMountCheck check = new(_host.Host, [Findings.UnixListener("/var/lib/haproxy/dev/log")]);
        check.Look().Says(Verdict.Warn, "mounts another socket over /var/lib/haproxy/dev/log", ChrootViewCheck.DropIn);
        _host.Temp.Write("units/haproxy.service.d/log.conf", Repository.ReadSample("haproxy.service.d/log.conf"));
        check.Look().IsWell();
    }

    [Test]
    public void The_remedy_writes_what_the_sample_says()
    {
        Paste(ChrootViewCheck.DropIn);
        string[] written = File.ReadAllLines(_host.Temp["units/haproxy.service.d/log.conf"]);
        string[] sample = [.. Repository.ReadSample("haproxy.service.d/log.conf").Split('\n')
            .Where(static line => line.Length > 0 && !line.StartsWith('#'))];
        Assert.That(written, Is.EqualTo(sample));
    }

    private IEnumerable<Diagnosis> View() => new ChrootViewCheck(HaproxyProcess.FindAll(_host.Proc), Listeners()).Look();

    private IEnumerable<Diagnosis> UnitMounts() => new UnitMountCheck(_host.Host, Listeners()).Look();

    private ListenerOptions[] Listeners() => [Findings.UnixListener(_ours)];

    private PeerProcess StartAsTheUnitSays()
    {
        string config = _host.Temp.Write(
            "haproxy.cfg", new HAProxySetup { Global = ["user haproxy", "group haproxy"] }.Render(_host.Temp["root"], true, _host.Temp["stats"], _port));
        string last = Shell($"cat lib-units/haproxy.service units/haproxy.service.d/*.conf 2>/dev/null | sed -n 's/^BindReadOnlyPaths=//p' | tail -1").Trim();
        string mount = last.Length == 0 ? "" : $"mount --bind {last.Replace(":", " ", StringComparison.Ordinal)} && ";
        PeerProcess haproxy = PeerProcess.Start(new PeerStart
        {
            Path = Peer.Require("unshare", "util-linux"),
            Arguments = ["-m", "sh", "-c", $"{mount}exec {Peer.Require("haproxy", "haproxy")} -db -f {config}"],
        });
        haproxy.WaitUntilReadyOrDispose(() => FreePort.IsListening(_port), "its port", haproxy);
        _host.Show(haproxy.Pid);
        return haproxy;
    }

    /// <summary>Runs a remedy with this host's directories in place of the machine's; what it asked systemctl for.</summary>
    private string Paste(string remedy)
    {
        _host.Temp.WriteProgram("bin/systemctl", $"#!/bin/sh\necho \"$@\" >> {_host.Temp["asked"]}\n");
        Shell($"PATH={_host.Temp["bin"]}:$PATH; {remedy.Replace("/etc/systemd/system", _host.Temp["units"], StringComparison.Ordinal)}");
        return File.ReadAllText(_host.Temp["asked"]);
    }

    private string Shell(string command)
    {
        (int exitCode, string output, string errors) = PeerProcess.Run(new PeerStart
        {
            Path = "/bin/sh",
            Arguments = ["-c", command],
            WorkingDirectory = _host.Temp.Path,
        });
        Assert.That(exitCode, Is.Zero, errors);
        return output;
    }

    private static Socket Bind(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = (int)Deadline.Reaction.TotalMilliseconds };
        socket.Bind(new UnixDomainSocketEndPoint(path));
        File.SetUnixFileMode(path, ListenerOptions.DefaultMode);
        return socket;
    }
}

using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Native;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>
/// Looks that are refused: another user is to ask root, and root is told what stands against root. Root without capabilities stands in for a root
/// whom a security module or the host of its container refuses.
/// </summary>
internal sealed class RefusedInspectionTests
{
    private PlantedHost _host = null!;

    /// <summary>What a remedy holds, by who runs the tests.</summary>
    public static string Expected => Environment.IsPrivilegedProcess ? "access is denied even to root" : "sudo concentrator doctor";

    [SetUp]
    public void Plant() => _host = new PlantedHost();

    [TearDown]
    public void Remove() => _host.Dispose();

    [Test]
    public void Another_user_is_to_ask_root_and_root_is_not()
    {
        Assert.That(RefusedInspection.AtPath("/x", "sudo concentrator doctor --fix", isRoot: false), Is.EqualTo("sudo concentrator doctor --fix"));
        Assert.That(RefusedInspection.Anywhere(isRoot: false), Is.EqualTo("sudo concentrator doctor"));
        Assert.That(RefusedInspection.AtPath("/x", "sudo concentrator doctor", isRoot: true), Does.Contain("findmnt -T /x").And.Contain("security module").And.Not.Contain("sudo"));
        Assert.That(RefusedInspection.Anywhere(isRoot: true), Does.StartWith("journalctl -k").And.Contain("security module").And.Not.Contain("sudo"));
    }

    [Test]
    public void Of_a_spool_where_root_may_not_write()
    {
        string spool = Another("spool", 0b111_000_000);
        Diagnosis[] found = AsRefusedRoot(() => new SpoolCheck(_host.Proc, new SpoolOptions { Directory = spool, MaxSize = 1 << 20 }, Traffic.Unknown("assumed")).Look());
        found.Where(static one => one.Verdict == Verdict.Fail).Says(Verdict.Fail, "cannot be written to", $"findmnt -T {spool}    (access is denied even to root");
    }

    [Test]
    public void Of_a_directory_of_kernel_settings_where_root_may_not_write()
    {
        string directory = Another("other.d", 0b111_101_101);
        ExaminedHost host = _host.Host with { SysctlFile = Path.Combine(directory, "60.conf") };
        AsRefusedRoot(() => [new SysctlFile(host).Write()]).Says(Verdict.Fail, "cannot write", $"findmnt -T {directory}    (access is denied even to root");
    }

    [Test]
    public void Of_a_socket_to_which_root_may_not_connect()
    {
        string path = _host.Temp.Socket("log");
        using Socket reader = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        reader.Bind(new UnixDomainSocketEndPoint(path));
        Sh($"chown 4711:4711 {path}; chmod 0600 {path}");
        AsRefusedRoot(() => new SocketPathCheck(Findings.UnixListener(path), "systemctl restart concentrator", []).Look())
            .Says(Verdict.Warn, "this user cannot connect to it (mode 0600)", $"findmnt -T {path}    (access is denied even to root");
    }

    [Test]
    public void Of_a_socket_in_a_directory_that_root_may_not_enter()
    {
        string path = Path.Combine(Another("closed", 0b111_000_000), "log");
        AsRefusedRoot(() => new SocketPathCheck(Findings.UnixListener(path), "systemctl restart concentrator", []).Look())
            .Says(Verdict.Warn, "this user cannot access the path", $"findmnt -T {path}    (access is denied even to root");
    }

    [Test]
    public void Of_a_haproxy_cfg_that_root_may_not_read()
    {
        string file = _host.Temp.Write("haproxy.cfg", "global\n");
        Sh($"chown 4711:4711 {file}; chmod 0600 {file}");
        AsRefusedRoot(() => new LogLineCheck(HaproxyConfig.Read([file]), null).Look())
            .Says(Verdict.Warn, "cannot be read", $"haproxy -f /FULL/PATH; if it already is: journalctl -k --grep='avc:|apparmor='; findmnt -T {file}");
    }

    [Test]
    public void Of_a_HAProxy_through_whose_eyes_root_may_not_look()
    {
        using HAProxy haproxy = new(new HAProxySetup { Global = ["user haproxy", "group haproxy"] });
        _host.Show(haproxy.Pid);
        IReadOnlyList<HaproxyProcess> workers = HaproxyProcess.FindAll(_host.Proc);
        ListenerOptions listener = Findings.UnixListener(workers.Single().Outside + "/dev/log");
        AsRefusedRoot(() => new ChrootViewCheck(workers, [listener]).Look()).Says(Verdict.Warn, "this user cannot inspect the file system view", "access is denied even to root");
    }

    [Test]
    public void Rights_that_are_put_on_end_with_their_thread()
    {
        string file = _host.Temp.Write("file", "");
        Sh($"chmod 0755 {_host.Temp.Path}; chown 4711 {file}; chmod 0600 {file}");
        AsRefusedRoot(() => []);
        Assert.That(AssumedRights.Refusal(file, FileUse.Read), Is.Zero);
        Assert.That(Parallel.For(0, 50, at => Assert.That(at % 5 == 0 ? RefusalTo(file, 4712) : AssumedRights.Refusal(file, FileUse.Read), Is.EqualTo(at % 5 == 0 ? 13 : 0))).IsCompleted);
        Assert.That(RefusalTo(file, 4711), Is.Zero);
        Assert.That(() => AssumedRights.Try<string>(new FileRights(4711, [4711], 0), static () => throw new IOException("said")), Throws.InstanceOf<IOException>());
    }

    private static int RefusalTo(string file, uint user) => AssumedRights.Try(new FileRights(user, [user], 0), () => (int[])[AssumedRights.Refusal(file, FileUse.Read)])![0];

    /// <summary>A directory of somebody else's.</summary>
    private string Another(string name, int mode)
    {
        string directory = Directory.CreateDirectory(_host.Temp[name]).FullName;
        File.SetUnixFileMode(directory, (UnixFileMode)mode);
        Sh($"chown 4711:4711 {directory}");
        return directory;
    }

    private static Diagnosis[] AsRefusedRoot(Func<IEnumerable<Diagnosis>> look)
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root can be refused as root");
        return AssumedRights.Try(new FileRights(0, [0], 0), () => look().ToArray())!;
    }

    private static void Sh(string script)
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root may give files away");
        (int exitCode, _, string errors) = PeerProcess.Run(new PeerStart { Path = "/bin/sh", Arguments = ["-ec", script] });
        Assert.That(exitCode, Is.Zero, errors);
    }
}

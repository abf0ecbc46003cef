using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>What a unit's settings leave of the file system; by systemd.exec(5), and held against real ones in Systemd/ServiceSightTests.</summary>
internal sealed class ServiceSandboxTests
{
    private const string Ours = "ProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nReadWritePaths=/var/log -/var/lib/haproxy -/var/spool/concentrator\nRuntimeDirectory=concentrator";

    [TestCase("/etc/concentrator/key", "ReadOnly", "ProtectSystem=strict")]
    [TestCase("/var/log/haproxy.log", "Writable", "ReadWritePaths=")]
    [TestCase("/var/log2", "ReadOnly", "ProtectSystem=strict")]
    [TestCase("/var/spool/concentrator/sekoia", "Writable", "ReadWritePaths=")]
    [TestCase("/run/concentrator/x", "Writable", "RuntimeDirectory=")]
    [TestCase("/root/key", "Hidden", "ProtectHome=yes")]
    [TestCase("/home", "Hidden", "ProtectHome=yes")]
    [TestCase("/homes", "ReadOnly", "ProtectSystem=strict")]
    [TestCase("/tmp/key", "Own", "PrivateTmp=")]
    [TestCase("/dev/stdout", "Writable", "")]
    public void Our_units_sandbox(string path, string sight, string setting) => AssertSeen(Ours, path, sight, setting);

    [TestCase("", "/etc/x", "Writable", "")]
    [TestCase("ProtectSystem=yes", "/usr/x", "ReadOnly", "ProtectSystem=yes")]
    [TestCase("ProtectSystem=yes", "/etc/x", "Writable", "")]
    [TestCase("ProtectSystem=full", "/etc/x", "ReadOnly", "ProtectSystem=full")]
    [TestCase("ProtectSystem=no\nProtectHome=no\nPrivateTmp=no", "/home/x", "Writable", "")]
    [TestCase("ProtectHome=read-only", "/home/x", "ReadOnly", "ProtectHome=read-only")]
    [TestCase("ProtectHome=tmpfs", "/root/x", "Hidden", "ProtectHome=tmpfs")]
    [TestCase("ProtectHome=tmpfs\nBindReadOnlyPaths=/root/x:/root/x:rbind", "/root/x/key", "ReadOnly", "BindReadOnlyPaths=")]
    [TestCase("ProtectHome=yes\nReadWritePaths=/home/x", "/home/x/key", "Hidden", "ProtectHome=yes")]
    [TestCase("ReadOnlyPaths=/data\nReadWritePaths=/data/spool", "/data/spool/a", "Writable", "ReadWritePaths=")]
    [TestCase("ReadOnlyPaths=/data\nReadWritePaths=/data", "/data/spool", "ReadOnly", "ReadOnlyPaths=")]
    [TestCase("InaccessiblePaths=-/data", "/data/spool", "Hidden", "InaccessiblePaths=")]
    [TestCase("TemporaryFileSystem=/data:ro", "/data/spool", "Own", "TemporaryFileSystem=")]
    [TestCase("ProtectSystem=strict\nStateDirectory=one two:link", "/var/lib/two/spool", "Writable", "StateDirectory=")]
    public void The_nearest_setting_holds_and_nothing_below_what_is_inaccessible(string settings, string path, string sight, string setting) =>
        AssertSeen(settings, path, sight, setting);

    [Test]
    public void What_is_mounted_from_elsewhere_is_looked_at_there()
    {
        ServiceSandbox sandbox = new(Unit("BindPaths=-/srv/a:/data:rbind /srv/b"));
        Assert.That(sandbox.Of("/data/spool/x").Outside, Is.EqualTo("/srv/a/spool/x"));
        Assert.That(sandbox.Of("/srv/b/x").Outside, Is.EqualTo("/srv/b/x"));
        Assert.That(sandbox.Of("/data2").Outside, Is.EqualTo("/data2"));
    }

    [Test]
    public void What_systemd_makes_for_the_service_is_known_and_another_root_directory_is_not_judged()
    {
        ServiceSandbox sandbox = new(Unit("LogsDirectory=ours\nReadWritePaths=/var/spool"));
        Assert.That((sandbox.Of("/var/log/ours/x").IsMade, sandbox.Of("/var/spool/x").IsMade, sandbox.IsKnown), Is.EqualTo((true, false, true)));
        Assert.That(new ServiceSandbox(Unit("RootDirectory=/srv/root")).IsKnown, Is.False);
    }

    private static void AssertSeen(string settings, string path, string sight, string setting)
    {
        Seen seen = new ServiceSandbox(Unit(settings)).Of(path);
        Assert.That((seen.Sight.ToString(), seen.Setting), Is.EqualTo((sight, setting)));
    }

    private static UnitState Unit(string properties) => UnitState.Parse(properties);
}

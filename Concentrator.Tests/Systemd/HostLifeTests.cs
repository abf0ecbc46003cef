using Concentrator.Tests.Equipment;
using NUnit.Framework;
using static Concentrator.Tests.Systemd.LoggingHost;

namespace Concentrator.Tests.Systemd;

/// <summary>
/// From the package's installation to its purge, through what an operator and the host do to a server meanwhile, under requests that never
/// stop. Each has its line in the file, rsyslog's or ours, and at the TLS receiver while the lines are ours; the host is then as it was.
/// </summary>
[Parallelizable]
internal sealed class HostLifeTests(string suite) : HostTests(suite)
{
    private const string Filler = "/var/log/filler";
    private const string RelayFile = "/etc/concentrator/conf.d/50-relay.json";

    private RequestLoad _load = null!;

    [SetUp]
    public void MountLogs()
    {
        // A disk of its own for the logs, which can be filled without filling anything else.
        Root.Run("cp -a /var/log /var/log.before; mount -t tmpfs -o size=128m,mode=0755 tmpfs /var/log; cp -a /var/log.before/. /var/log; rm -r /var/log.before; systemctl restart rsyslog");
        Host.RaiseSendBuffer();
    }

    [TearDown]
    public void EndLoad() => _load?.Dispose();

    [Test]
    public void The_whole_life_of_a_server_on_a_host_loses_no_line_and_leaves_the_host_as_it_was()
    {
        string before = HostState.All(Root);
        using PathCollector collector = new(Root);
        _load = UnderLoad();

        Host.Install("1.0.0");
        ConfigureRelay();
        _load.GoesOn();
        Assert.That(Host.Doctor(), Does.Contain("FAIL"), "rsyslog has the lines");

        Root.Run("concentrator switch --edit");
        int first = _load.Answered().Count;
        _load.GoesOn();
        AssertHealthy("switched");

        for (int restart = 0; restart < 10; restart++)
        {
            Root.Run("systemctl restart concentrator");
            _load.GoesOn();
        }
        AssertHealthy("restarted");

        for (int kill = 0; kill < 5; kill++)
        {
            Host.KillServer();
            _load.GoesOn();
        }
        AssertHealthy("killed");

        Host.Edit(ConfigurationFile, "\"Path\"", "\"Paht\"");
        Assert.That(Root.Try("systemctl", "restart", Service).ExitCode, Is.Not.Zero);
        if (Host.HasSendBuffer) Assert.That(Host.Doctor(), Does.Contain("Paht"));
        Host.Edit(ConfigurationFile, "\"Paht\"", "\"Path\"");
        Root.WaitFor(Service, "ActiveState", "active");
        _load.GoesOn();
        AssertHealthy("repaired");

        Host.Install("1.0.1");
        _load.GoesOn();
        AssertHealthy("upgraded");

        for (int restart = 0; restart < 2; restart++)
        {
            Root.Run("systemctl restart rsyslog");
            _load.GoesOn();
        }
        AssertHealthy("rsyslog restarted");

        Root.Run("logrotate --force --state /tmp/logrotate.status /etc/logrotate.d/haproxy");
        _load.GoesOn();
        AssertHealthy("rotated");

        Root.Run($"dd if=/dev/zero of={Filler} bs=64k 2>/dev/null || true");
        _load.GoesOn();
        Eventually.Holds(() => Host.Doctor() is var found && found.Contains("FAIL") && found.Contains(LogFile), "the doctor sees the full disk", Deadline.Process, Host.Doctor);
        Root.Run($"rm {Filler}");
        _load.GoesOn();
        Eventually.Holds(() => !Host.Doctor().Contains("FAIL"), "the doctor sees its end", Deadline.Process, Host.Doctor);

        IReadOnlyList<string> ours = [.. _load.Answered().Skip(first)];
        Root.Run("concentrator switch --back --edit");
        _load.GoesOn();
        Root.Run($"rm /etc/concentrator/collector.crt {RelayFile}; CONCENTRATOR_PURGE_SPOOL=yes dpkg --purge concentrator");
        _load.GoesOn();

        IReadOnlyList<string> all = _load.End();
        Host.AssertLogged(all, () => Root.Read($"{LogFile}.1"));
        IReadOnlySet<string> collected = collector.Paths();
        string[] missing = [.. ours.Where(path => !collected.Contains(path))];
        Assert.That(missing.Length, Is.Zero, $"{missing.Length} of {ours.Count} lines are missing at the receiver: {string.Join(' ', missing.Take(10))}");
        Assert.That(HostState.All(Root), Is.EqualTo(before));
        TestContext.Out.WriteLine($"{all.Count} lines at {Host.BusyRate}/s, {ours.Count} of them relayed; 0 missing in the file, 0 at the receiver");
    }

    private void ConfigureRelay()
    {
        Root.Write("/etc/concentrator/collector.crt", TestCertificates.Authority.Certificate.ExportCertificatePem());
        Root.Write(RelayFile, $$"""
            { "Outputs": { "collector": { "Type": "syslog-tls", "Endpoint": "localhost:{{PathCollector.Port}}", "Format": "rfc5424",
              "Tls": { "CaFile": "/etc/concentrator/collector.crt" } } } }
            """);
    }

    private void AssertHealthy(string when) => Assert.That(Host.Doctor(), Does.Not.Contain("FAIL"), when);
}

using NUnit.Framework;
using static Concentrator.Tests.Systemd.LoggingHost;

namespace Concentrator.Tests.Systemd;

/// <summary>The Debian package on a host where rsyslog has HAProxy's lines: what it does, and what it leaves alone.</summary>
[Parallelizable]
internal sealed class InstallTests(string suite) : HostTests(suite)
{
    [Test]
    public void Installing_starts_nothing_and_takes_nothing_over()
    {
        string running = Running(), sockets = Sockets(), kernel = Kernel();
        string said = Host.Install("1.0.0");
        Assert.That(said, Does.Contain("nothing has been started").And.Contain("concentrator switch"));
        Assert.That(Running(), Is.EqualTo(running));
        Assert.That(Sockets(), Is.EqualTo(sockets));
        Assert.That(Root.Try("systemctl", "is-enabled", Service, Socket).Output, Is.EqualTo("disabled\ndisabled\n"));
        Assert.That(Root.Run("concentrator check"), Does.StartWith("OK: 1 listener, 1 output, 1 route (/etc/concentrator/concentrator.json)"));
        Root.Run("echo '{ \"Outputs\": { \"more\": { \"Type\": \"file\", \"Path\": \"/var/log/more.log\" } } }' >/etc/concentrator/conf.d/50-more.json");
        Assert.That(Root.Run("concentrator check"), Does.StartWith("OK: 1 listener, 2 outputs"));
        Root.Run("rm /etc/concentrator/conf.d/50-more.json");
        Root.Run("systemctl restart rsyslog systemd-sysctl; systemctl restart haproxy");
        Assert.That(Root.Run("logrotate --debug /etc/logrotate.conf 2>&1"), Does.Contain("haproxy.log").And.Not.Contain("error"));
        Assert.That(Kernel(), Is.EqualTo(kernel));
        Host.ServesAndLogs();
        Assert.That(Root.Show(Service, "ActiveState"), Is.EqualTo("inactive"), "rsyslog has written them");
    }

    [Test]
    public void Purging_leaves_the_host_as_it_was()
    {
        string files = Files(), units = Units(), running = Running(), kernel = Kernel();
        Host.Install("1.0.0");
        Host.Switch();
        Host.ServesAndLogs();
        Assert.That(Root.Show("rsyslog.service", "ActiveState"), Is.EqualTo("active"));
        Root.Run("CONCENTRATOR_PURGE_SPOOL=yes dpkg --purge concentrator");
        Host.ServesAndLogs();
        Assert.That(Files(), Is.EqualTo(files));
        Assert.That(Units(), Is.EqualTo(units));
        Assert.That(Running(), Is.EqualTo(running));
        Assert.That(Kernel(), Is.EqualTo(kernel));
        Root.Run("systemctl restart haproxy");
        Host.ServesAndLogs();
    }

    [Test]
    public void Purging_keeps_the_spool_and_says_so_unless_it_is_told_otherwise()
    {
        Host.Install("1.0.0");
        Root.Run("install -D -m 0600 /dev/null /var/spool/concentrator/sekoia/1.segment");
        Assert.That(Root.Run("dpkg --purge concentrator 2>&1"), Does.Contain("/var/spool/concentrator is kept").And.Contain("rm -r /var/spool/concentrator"));
        Assert.That(File.Exists(Root["/var/spool/concentrator/sekoia/1.segment"]));
        Host.Install("1.0.0");
        Root.Run("CONCENTRATOR_PURGE_SPOOL=yes dpkg --purge concentrator");
        Assert.That(Directory.Exists(Root["/var/spool/concentrator"]), Is.False);
    }

    [Test]
    public void An_upgrade_restarts_the_server_and_loses_no_line()
    {
        Host.Install("1.0.0");
        Host.Switch();
        string pid = Root.Show(Service, "MainPID");
        using RequestLoad load = Host.StartRequests();
        load.WaitForMore(5);
        Host.Install("1.0.1");
        load.WaitForMore(5);
        Host.AssertLogged(load.End());
        Assert.That(Root.Show(Service, "MainPID"), Is.Not.EqualTo(pid));
        Assert.That(Root.Show(Service, "ActiveState"), Is.EqualTo("active"));
    }

    [Test]
    public void An_upgrade_that_refuses_the_configuration_leaves_the_old_server_running()
    {
        Host.Install("1.0.0");
        Host.Switch();
        string pid = Root.Show(Service, "MainPID");
        Host.Edit(ConfigurationFile, "\"Path\"", "\"Paht\"");
        string said = Host.Install("1.0.1");
        Assert.That(said, Does.Contain("the old one keeps running"));
        Assert.That(Root.Show(Service, "MainPID"), Is.EqualTo(pid));
        Host.ServesAndLogs();
    }

    private string Files() => HostState.Files(Root);

    private string Units() => HostState.Units(Root);

    private string Running() => HostState.Running(Root);

    private string Sockets() => HostState.Sockets(Root);

    private string Kernel() => HostState.Kernel(Root);
}

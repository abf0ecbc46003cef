using Concentrator.Tests.Equipment;
using NUnit.Framework;
using static Concentrator.Tests.Systemd.LoggingHost;

namespace Concentrator.Tests.Systemd;

/// <summary>What an administrator meets who sets the server up and looks after it, on hosts as they are.</summary>
[Parallelizable]
internal sealed class SetUpTests(string suite) : HostTests(suite)
{
    private const string AsNobody = "setpriv --reuid=nobody --regid=nogroup --clear-groups";

    [Test]
    public void A_new_log_file_has_rsyslogs_owner_group_and_mode_with_a_configuration_file_and_without()
    {
        Host.Install("1.0.0");
        Host.Switch();
        Root.Run($"rm -f {LogFile}");
        Host.ServesAndLogs();
        Assert.That(Root.Run($"stat -c '%a %U:%G' {LogFile}"), Is.EqualTo("640 root:adm\n"));
        Root.Run($"mv {ConfigurationFile} /root; rm {LogFile}; systemctl restart {Service}");
        Host.ServesAndLogs();
        Assert.That(Root.Run($"stat -c '%a %U:%G' {LogFile}"), Is.EqualTo("640 root:adm\n"));
    }

    [Test]
    public void The_command_for_the_key_file_keeps_the_key_from_others()
    {
        Host.Install("1.0.0");
        string command = Step("2. Configure it")[0];
        Root.Run($"umask 022; echo 0123456789abcdef | {command}");
        Assert.That(Root.Run("stat -c '%a %U' /etc/concentrator/intake.key"), Is.EqualTo("600 root\n"));
        Root.Write("/etc/concentrator/conf.d/50-sekoia.json", """
            { "Outputs": { "sekoia": { "Type": "syslog-tls", "Endpoint": "intake.sekoia.io:10514", "IntakeKeyFile": "/etc/concentrator/intake.key" } } }
            """);
        Assert.That(Root.Run("concentrator check"), Does.StartWith("OK: 1 listener, 2 outputs").And.Not.Contain("warning"));
    }

    [Test]
    public void A_host_without_rsyslog_hears_nothing_of_it()
    {
        Root.Run("dpkg --purge rsyslog");
        Host.Install("1.0.0");
        Host.Switch();
        Host.ServesAndLogs();
        Assert.That(Root.Run("dpkg --remove concentrator 2>&1"), Does.Not.Contain("rsyslog"));
        Assert.That(File.Exists(Root["/etc/rsyslog.d/49-haproxy.conf"]), "HAProxy's own, where it was");
    }

    [Test]
    public void The_file_that_systemd_puts_below_its_mount_is_called_that_and_gives_way()
    {
        Root.Run("dpkg --purge rsyslog; rm -f /var/lib/haproxy/dev/log; systemctl restart haproxy");
        Host.Install("1.0.0");
        Assert.That(Root.Run("stat -c %F /var/lib/haproxy/dev/log"), Is.EqualTo("regular empty file\n"));
        Assert.That(Host.Doctor(), Does.Contain("is an empty file, not a socket").And.Not.Contain(".old"));
        Root.Run($"systemctl mask {Socket}; systemctl start {Service}");
        Host.ServesAndLogs();
        Assert.That(Host.Doctor(), Does.Contain("ok    socket /var/lib/haproxy/dev/log"));
    }

    [Test]
    public void A_stop_lasts_of_both_units_and_of_the_service_alone_until_the_next_line()
    {
        const string Both = "systemctl stop concentrator.socket concentrator";
        Assert.That(Repository.Read("docs/guide/upgrades.md"), Does.Contain($"`{Both}`"));
        Host.Install("1.0.0");
        Host.Switch();
        Root.Run("systemctl stop concentrator");
        Host.ServesAndLogs();
        Root.WaitFor(Service, "ActiveState", "active");
        Root.Run(Both);
        using RequestLoad load = Host.StartRequests();
        load.WaitForMore(5);
        load.End();
        Assert.That(Root.Try("systemctl", "is-active", Service, Socket).Output, Is.EqualTo("inactive\ninactive\n"));
    }

    [Test]
    public void Who_is_not_root_hears_of_no_failure_that_there_is_not()
    {
        Host.TakeOver();
        Root.Write("/etc/concentrator/conf.d/50-relay.json", """
            { "Outputs": { "relay": { "Type": "syslog-tcp", "Endpoint": "127.0.0.1:5140", "IntakeKeyFile": "/etc/concentrator/intake.key" } } }
            """);
        Root.Run("echo 0123456789abcdef | install -m 0600 /dev/stdin /etc/concentrator/intake.key");
        (int exitCode, _, string errors) = Doctor();
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith($"{ConfigurationFile}: cannot be read by user nobody: run this as root").And.Not.Contain("name a file"));

        Root.Run($"rm /etc/concentrator/conf.d/50-relay.json; chmod 0644 {ConfigurationFile}");
        (exitCode, string output, _) = Doctor();
        Assert.That(output, Does.StartWith("warn  user: nobody is not root").And.Not.Contain("FAIL"));
        Assert.That(output, Does.Contain("ok    server: answers").And.Contain("this user cannot access it").And.Not.Contain("version unknown"));
        Assert.That(output, Does.Not.Contain("haproxy.cfg: cannot be read").And.Not.Contain("not in use by a server"));
        Assert.That(exitCode, Is.EqualTo(1));

        Root.Run("chmod 0700 /var/lib/haproxy");
        Assert.That(Doctor().Output, Does.Contain("warn  socket /var/lib/haproxy/dev/log: this user cannot access the path").And.Not.Contain("FAIL"));

        (int ExitCode, string Output, string Errors) Doctor() => Root.Try("sh", "-c", $"{AsNobody} concentrator doctor");
    }
}

using Concentrator.Tools.Doctor;
using NUnit.Framework;
using static Concentrator.Tests.Systemd.LoggingHost;

namespace Concentrator.Tests.Systemd;

/// <summary>
/// What the service may use of what root can: what the doctor reads of a unit is held against what a real systemd lets a service see, and what it
/// and check refuse against what the server itself says.
/// </summary>
[Parallelizable]
internal sealed class ServiceSightTests(string suite) : HostTests(suite)
{
    private const string Probe = "probe.service";
    private const string Key = "0123456789abcdef";

    [TestCase(
        "ProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\nReadWritePaths=/var/log -/var/lib/haproxy -/nowhere\nRuntimeDirectory=probe\nStateDirectory=probe",
        "/etc /usr /srv /var/log /var/lib/haproxy /var/spool /root /home/a /tmp /var/tmp /run/probe /var/lib/probe")]
    [TestCase(
        "ProtectSystem=full\nProtectHome=tmpfs\nBindReadOnlyPaths=/home/a\nBindPaths=-/srv/a:/mnt\nInaccessiblePaths=/opt\nReadWritePaths=/opt/a\nTemporaryFileSystem=/media",
        "/etc /usr /var/spool /home/a /home/b /mnt /opt /opt/a /media")]
    [TestCase("ProtectSystem=yes\nProtectHome=read-only\nReadOnlyPaths=/srv\nReadWritePaths=/srv/a", "/usr /etc /home/a /root /srv /srv/a /srv/b")]
    public void What_a_unit_shows_is_what_its_service_sees(string settings, string directories)
    {
        Root.Run($"for at in {directories} /srv/a; do mkdir -p $at; echo >$at/mark; done; rm -rf /run/probe /var/lib/probe");
        Root.Write($"/etc/systemd/system/{Probe}", $"""
            [Service]
            Type=oneshot
            {settings}
            Environment="BLANK=a b" PLAIN=x=y
            StandardOutput=file:/run/probe.out
            ExecStart=/bin/sh -c 'for at in {directories}; do mark=no; new=no; [ -e $$at/mark ] && mark=yes; touch $$at/new 2>/dev/null && new=yes; echo $$at $$mark $$new; done'
            """);
        Root.Run($"systemctl daemon-reload; systemctl start {Probe}");
        UnitState shown = UnitState.Parse(Root.Run($"systemctl show {Probe}"));
        ServiceSandbox sandbox = new(shown);
        string[] seen = [.. Root.Read("/run/probe.out").Split('\n', StringSplitOptions.RemoveEmptyEntries)];
        Assert.That(seen, Has.Length.EqualTo(directories.Split(' ').Length));
        Assert.That(seen.Select(line => Judge(sandbox, line.Split(' ')[0])), Is.EqualTo(seen));
        Assert.That(new ServiceUnit(shown).Variables, Has.Member(KeyValuePair.Create("PLAIN", "x=y")));
        Assert.That(new ServiceUnit(shown).Variables.GetValueOrDefault("BLANK", "a b"), Is.EqualTo("a b"), "or it is not shown");
    }

    [Test]
    public void A_key_of_another_user_and_one_in_a_hidden_place_stop_the_service_as_check_says_until_the_remedies_are_pasted()
    {
        Install();
        Root.Run($"echo {Key} >/etc/concentrator/intake.key; chmod 0600 /etc/concentrator/intake.key");
        Relay("/etc/concentrator/intake.key");
        AssertServes("what is root's own");

        Root.Run("chown nobody /etc/concentrator/intake.key");
        Assert.That(Refused("IntakeKeyFile"), Does.Contain("CAP_DAC_OVERRIDE").And.Contain("cannot read /etc/concentrator/intake.key: mode 0600"));
        Root.Run(Remedy("IntakeKeyFile"));
        AssertServes("with the remedy");

        Root.Run("mv /etc/concentrator/intake.key /root/hidden.key; chown root /root/hidden.key");
        Host.Edit(ConfigurationFile, "/etc/concentrator/intake.key", "/root/hidden.key");
        Assert.That(Refused("IntakeKeyFile"), Does.Contain("cannot see /root/hidden.key (ProtectHome=yes)"));
        Root.Run(Remedy("IntakeKeyFile").Split("    (")[0]);
        Host.Edit(ConfigurationFile, "/root/hidden.key", "/etc/concentrator/hidden.key");
        AssertServes("with the copy");
    }

    [Test]
    public void A_spool_that_the_sandbox_or_its_owner_closes_stops_the_service_as_check_says_until_the_remedies_are_pasted()
    {
        Install();
        Root.Run($"echo {Key} >/etc/concentrator/intake.key; chmod 0600 /etc/concentrator/intake.key");
        Relay("/etc/concentrator/intake.key");
        Host.Edit(ConfigurationFile, "\"Outputs\": {", "\"Spool\": { \"Directory\": \"/srv/spool\" }, \"Outputs\": {");
        Assert.That(Refused("Spool:Directory"), Does.Contain("/srv/spool: it is read-only there (ProtectSystem=strict)"));
        Root.Run(Remedy("Spool:Directory"));
        AssertServes("with a place that it may write to");

        Root.Run("chown -R nobody /srv/spool");
        Assert.That(Refused("Spool:Directory"), Does.Contain("cannot read and write /srv/spool: mode 0700"));
        Root.Run(Remedy("Spool:Directory"));
        AssertServes("with its own");
    }

    private void Install()
    {
        Host.TakeOver();
        Assert.That(Root.Run("concentrator check"), Does.StartWith("OK: "));
    }

    private void Relay(string key) => Host.Edit(
        ConfigurationFile, "\"Outputs\": {",
        $"\"Outputs\": {{ \"sekoia\": {{ \"Type\": \"syslog-tls\", \"Endpoint\": \"127.0.0.1:1\", \"IntakeKeyFile\": \"{key}\" }},");

    private void AssertServes(string why)
    {
        (int exitCode, string output, string errors) = Root.Try("concentrator", "check");
        Assert.That(exitCode, Is.Zero, $"{why}: {output}{errors}");
        Root.Run($"systemctl restart {Service}");
        Root.WaitFor(Service, "ActiveState", "active");
        Assert.That(Host.Doctor().Split('\n'), Has.Some.StartsWith($"ok    {Service}: runs as user root, but without CAP_DAC_OVERRIDE"));
    }

    /// <summary>The one error of check, after which the service does not start.</summary>
    private string Refused(string key)
    {
        (int exitCode, string output, string errors) = Root.Try("concentrator", "check");
        Assert.That((exitCode, output), Is.EqualTo((1, "")));
        Assert.That(errors.Trim(), Does.Contain(key).And.Not.Contain("\n"));
        Root.Try("systemctl", "restart", Service);
        Host.WaitForRestarts(1);
        return errors;
    }

    private string Remedy(string key) => Host.Remedy("FAIL  ", key);

    /// <summary>A line as the service writes it: whether what root has put there is seen, and whether something can be made.</summary>
    private static string Judge(ServiceSandbox sandbox, string directory)
    {
        Seen seen = sandbox.Of(directory);
        bool mark = seen.Sight is Sight.Writable or Sight.ReadOnly && !seen.IsMade, made = seen.Sight is Sight.Writable or Sight.Own;
        return $"{directory} {(mark ? "yes" : "no")} {(made ? "yes" : "no")}";
    }
}

using NUnit.Framework;
using static Concentrator.Tests.Systemd.LoggingHost;

namespace Concentrator.Tests.Systemd;

/// <summary>
/// <c>concentrator switch</c> and back on a Debian as it is installed, while requests come: each has its line, written by rsyslog or by us, and
/// afterwards the host is as it was.
/// </summary>
[Parallelizable]
internal sealed class SwitchTests(string suite) : HostTests(suite)
{
    private const string StateFile = "/var/lib/concentrator/switch.json";

    private const string Snippet = "/etc/rsyslog.d/49-haproxy.conf";

    [SetUp]
    public void Install()
    {
        Host.Install("1.0.0");
        Host.RaiseSendBuffer();
    }

    [Test]
    public void Switching_and_going_back_under_load_loses_no_line_and_leaves_the_host_as_it_was()
    {
        string before = HostState.All(Root);
        using RequestLoad load = UnderLoad();
        Assert.That(Switch("--dry-run"), Does.Contain("   1. ").And.Contain(Snippet).And.Contain("format rfc5424").And.Not.Contain("done"));
        (int exitCode, _, string errors) = Root.Try("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "concentrator", "switch");
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Is.EqualTo("concentrator: the switch changes units, sockets and kernel settings: run it as root\n"));
        Assert.That(HostState.All(Root), Is.EqualTo(before), "neither does anything");

        Assert.That(Switch("--edit"), Does.Contain("a marked line sent to /dev/log").And.Contain($"is in {LogFile}").And.Contain("HAProxy counted").And.Contain("HAProxy's lines now go to Concentrator"));
        load.GoesOn();
        Assert.That(Host.Doctor(), Does.Not.Contain("FAIL"));
        Assert.That(Switch(), Does.StartWith("Nothing to do"));
        Root.Run("systemctl restart rsyslog; systemctl restart concentrator; systemctl reload haproxy");
        load.GoesOn();

        Assert.That(Switch("--back"), Does.Contain("written by rsyslog"));
        EndsAs(before, load);
        Assert.That(Switch("--back"), Does.StartWith("Nothing to undo"));
        // One after the other (docs/reference/haproxy.md, The mount).
        Root.Run("systemctl restart rsyslog; systemctl restart haproxy");
        Host.ServesAndLogs();
    }

    [Test]
    public void A_step_that_fails_undoes_all_and_loses_no_line()
    {
        // rsyslog does not start without its file for HAProxy.
        Root.Write("/etc/systemd/system/rsyslog.service.d/never.conf", $"[Service]\nExecStartPre=/usr/bin/test -e {Snippet}\nRestart=no\n");
        Root.Run("systemctl daemon-reload");
        string before = HostState.All(Root);
        using RequestLoad load = UnderLoad();
        (int exitCode, string said, string errors) = Root.Try("concentrator", "switch", "--edit");
        Assert.That(exitCode, Is.EqualTo(1), said + errors);
        Assert.That(said, Does.Contain("FAILED").And.Contain("systemctl restart rsyslog.service failed").And.Contain("Everything is as it was before."));
        EndsAs(before, load);
    }

    [Test]
    public void What_waits_for_a_server_that_took_the_path_and_does_not_start_is_not_lost()
    {
        // It takes the path as the server does, reads nothing, and ends.
        Root.Write(
            "/etc/systemd/system/concentrator.service.d/never.conf",
            "[Service]\nExecStart=\nExecStart=/bin/sh -c 'cd /var/lib/haproxy/dev && ln .log.concentrator .taken && mv -f .taken log && sleep 1; exit 1'\n");
        Root.Run("systemctl daemon-reload");
        string before = HostState.All(Root);
        using RequestLoad load = UnderLoad();
        (int exitCode, string said, string errors) = Root.Try("concentrator", "switch");
        TestContext.Out.WriteLine(said);
        Assert.That(exitCode, Is.EqualTo(1), said + errors);
        Assert.That(said, Does.Contain("start concentrator.service failed").And.Contain("lines that waited in our socket forwarded").And.Contain("Everything is as it was before."));
        EndsAs(before, load);
    }

    [Test]
    public void A_switch_that_was_killed_is_taken_back_and_no_line_is_lost()
    {
        string before = HostState.All(Root);
        using RequestLoad load = UnderLoad();
        Root.Run($"concentrator switch --edit & until grep -q '\"proof\"' {StateFile} 2>/dev/null; do sleep 0.01; done; kill -KILL $!; wait $! || true");
        Assert.That(Refused(), Does.Contain("concentrator switch --back"));
        load.GoesOn();
        Switch("--back");
        EndsAs(before, load);
    }

    [Test]
    public void A_worker_that_starts_while_its_chroot_is_covered_is_replaced_and_no_line_is_lost()
    {
        // The switch covers the chroot while these two start. (A reload by systemctl waits for both: this is what a master does by itself, or late.)
        // Each removes the path before it binds to it; here that is long before.
        const string reload = "ExecStartPre=+/bin/sh -c 'systemctl kill --signal=USR2 --kill-who=main haproxy; sleep 2; rm -f /var/lib/haproxy/dev/log; sleep 1'\n";
        Root.Write("/etc/systemd/system/concentrator.socket.d/reload.conf", $"[Socket]\n{reload}");
        Root.Write("/etc/systemd/system/rsyslog.service.d/reload.conf", $"[Service]\n{reload}");
        Root.Run("systemctl daemon-reload");
        string before = HostState.All(Root);
        using RequestLoad load = UnderLoad();
        Switch();
        load.GoesOn();
        Switch("--back");
        EndsAs(before, load);
    }

    [Test]
    public void From_the_journal_alone_and_back_no_line_is_lost()
    {
        Root.Run($"systemctl disable --now --quiet rsyslog syslog.socket; rm {Snippet}; systemctl stop haproxy; rm -f /var/lib/haproxy/dev/log; systemctl start haproxy");
        string before = HostState.All(Root);
        using RequestLoad load = UnderLoad();
        Assert.That(Switch(), Does.Contain("journal"));
        load.GoesOn();
        Assert.That(Switch("--back --dry-run"), Does.Contain("by stopping and starting HAProxy"));
        Switch("--back");

        load.GoesOn();
        List<string> paths = [.. load.End()];
        IReadOnlyList<string> missing = Host.Missing(paths, () => Root.Run("journalctl --no-pager --output cat SYSLOG_IDENTIFIER=haproxy"));

        Assert.That(missing, Is.Empty);
        Assert.That(HostState.All(Root), Is.EqualTo(before));
    }

    [Test]
    public void To_a_name_of_our_own_rsyslog_keeps_what_it_has()
    {
        Host.Edit(ConfigurationFile, "haproxy/dev/log", "haproxy/dev/conc");
        Root.Write("/etc/systemd/system/concentrator.socket.d/name.conf", "[Socket]\nListenDatagram=\nListenDatagram=/var/lib/haproxy/dev/conc\n");
        Root.Run("systemctl daemon-reload");
        string before = HostState.All(Root);
        using RequestLoad load = UnderLoad();
        Assert.That(Refused(), Does.Contain("--edit").And.Contain("+ log /dev/conc len 8192 format rfc5424 local0"));
        Assert.That(HostState.All(Root), Is.EqualTo(before));
        Switch("--edit");
        load.GoesOn();
        Assert.That(Root.Read(Snippet), Is.Not.Empty);
        Switch("--back");
        EndsAs(before, load);
    }

    [Test]
    public void To_an_abstract_name_rsyslog_keeps_what_it_has()
    {
        Host.Edit(ConfigurationFile, "\"unix-dgram:/var/lib/haproxy/dev/log\", \"Mode\": \"0666\"", "\"unix-dgram:abns@conc\"");
        Assert.That(Root.Try("concentrator", "switch", "--edit").Errors, Does.EndWith("systemctl mask concentrator.socket\n"));
        Root.Run("systemctl mask --quiet concentrator.socket");
        string before = HostState.All(Root);
        using RequestLoad load = UnderLoad();
        Assert.That(Refused(), Does.Contain("--edit").And.Contain("+ log abns@conc len 8192 format rfc5424 local0"));
        Assert.That(HostState.All(Root), Is.EqualTo(before));
        Assert.That(Switch("--edit"), Does.Contain("a marked line sent to abns@conc"));
        load.GoesOn();
        Assert.That(Switch(), Does.StartWith("Nothing to do"));
        Assert.That(Host.Doctor(), Does.Not.Contain("FAIL"));
        Switch("--back");
        EndsAs(before, load);
    }

    [Test]
    public void Lines_that_rsyslog_would_not_read_are_changed_before_it_gets_the_path_back()
    {
        Host.Switch();
        Host.Edit(HAProxyConfiguration, "log /dev/log\tlocal0", "log /dev/log len 8192 format rfc5424 local0");
        Root.Run("systemctl reload haproxy");
        Assert.That(Refused("--back"), Does.Contain("rsyslog's unix socket cannot parse").And.Contain("+ log /dev/log len 8192 local0"));
        using RequestLoad load = UnderLoad();
        Switch("--back --edit");
        load.GoesOn();
        Host.AssertLogged(load.End());
    }

    /// <summary>The switch as root, to its end; returns what it said.</summary>
    private string Switch(string options = "")
    {
        string said = Root.Run($"concentrator switch {options}");
        TestContext.Out.WriteLine(said);
        return said;
    }

    /// <summary>What it says where it begins nothing.</summary>
    private string Refused(params string[] options)
    {
        (int exitCode, _, string errors) = Root.Try(["concentrator", "switch", .. options]);
        Assert.That(exitCode, Is.EqualTo(2));
        return errors;
    }

    /// <summary>The load goes on; each of its lines is there, and the host as it was.</summary>
    private void EndsAs(string before, RequestLoad load)
    {
        load.GoesOn();
        Host.AssertLogged(load.End());
        Assert.That(HostState.All(Root), Is.EqualTo(before));
    }
}

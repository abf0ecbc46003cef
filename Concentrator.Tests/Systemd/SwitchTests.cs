using Concentrator.Tests.Equipment;
using NUnit.Framework;
using static Concentrator.Tests.Systemd.LoggingHost;

namespace Concentrator.Tests.Systemd;

/// <summary>
/// <c>concentrator switch</c> and back on a Debian as it is installed, while requests come: each has its line, written by rsyslog or by us, and
/// afterwards the host is as it was.
/// </summary>
[TestFixture("bookworm")]
[TestFixture("trixie")]
internal sealed class SwitchTests(string suite)
{
    private const string StateFile = "/var/lib/concentrator/switch.json";

    private const string Snippet = "/etc/rsyslog.d/49-haproxy.conf";

    /// <summary>Requests a second.</summary>
    private const int Rate = 100;

    private LoggingHost _host = null!;

    private SystemdRoot Root => _host.Root;

    [SetUp]
    public void Boot()
    {
        _host = new LoggingHost(suite);
        _host.Install("1.0.0");
    }

    [TearDown]
    public void End() => _host?.Dispose();

    [Test]
    public void Switching_and_going_back_under_load_loses_no_line_and_leaves_the_host_as_it_was()
    {
        string before = HostState.All(Root);
        using RequestLoad load = _host.StartRequests(Rate);
        load.WaitForMore(Rate);
        Assert.That(Root.Run("concentrator switch --dry-run"), Does.Contain("   1. ").And.Contain(Snippet).And.Contain("format rfc5424").And.Not.Contain("done"));
        Assert.That(HostState.All(Root), Is.EqualTo(before), "a dry run does nothing");

        string said = Root.Run("concentrator switch --edit");
        TestContext.Out.WriteLine(said);
        Assert.That(said, Does.Contain("a marked line sent to /dev/log").And.Contain($"is in {LogFile}").And.Contain("HAProxy counted").And.Contain("HAProxy's lines come here"));
        load.WaitForMore(Rate);
        (int exitCode, string found, _) = Root.Try("concentrator", "doctor");
        Assert.That(found, Does.Not.Contain("FAIL"), $"{exitCode}");
        Assert.That(Root.Run("concentrator switch"), Does.StartWith("Nothing to do"));
        Root.Run("systemctl restart rsyslog; systemctl restart concentrator; systemctl reload haproxy");
        load.WaitForMore(Rate);

        said = Root.Run("concentrator switch --back");
        TestContext.Out.WriteLine(said);
        Assert.That(said, Does.Contain("written by rsyslog"));
        load.WaitForMore(Rate);
        _host.AssertLogged(load.End());
        Assert.That(HostState.All(Root), Is.EqualTo(before));
        Assert.That(Root.Run("concentrator switch --back"), Does.StartWith("Nothing to take back"));
        Root.Run("systemctl restart haproxy rsyslog");
        _host.ServesAndLogs();
    }

    [Test]
    public void A_step_that_fails_undoes_all_and_loses_no_line()
    {
        // rsyslog does not start without its file for HAProxy.
        Root.Write("/etc/systemd/system/rsyslog.service.d/never.conf", $"[Service]\nExecStartPre=/usr/bin/test -e {Snippet}\nRestart=no\n");
        Root.Run("systemctl daemon-reload");
        string before = HostState.All(Root);
        using RequestLoad load = _host.StartRequests(Rate);
        load.WaitForMore(Rate);
        (int exitCode, string said, string errors) = Root.Try("concentrator", "switch", "--edit");
        Assert.That(exitCode, Is.EqualTo(1), said + errors);
        Assert.That(said, Does.Contain("FAILED").And.Contain("systemctl restart rsyslog.service failed").And.Contain("Everything is as it was before."));
        load.WaitForMore(Rate);
        _host.AssertLogged(load.End());
        Assert.That(HostState.All(Root), Is.EqualTo(before));
    }

    [Test]
    public void A_switch_that_was_killed_is_taken_back_and_no_line_is_lost()
    {
        string before = HostState.All(Root);
        using RequestLoad load = _host.StartRequests(Rate);
        load.WaitForMore(Rate);
        Root.Run($"concentrator switch --edit & until grep -q '\"proof\"' {StateFile} 2>/dev/null; do sleep 0.01; done; kill -KILL $!; wait $! || true");
        (int exitCode, _, string errors) = Root.Try("concentrator", "switch");
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.Contain("concentrator switch --back"));
        load.WaitForMore(Rate);
        Root.Run("concentrator switch --back");
        load.WaitForMore(Rate);
        _host.AssertLogged(load.End());
        Assert.That(HostState.All(Root), Is.EqualTo(before));
    }

    [Test]
    public void From_the_journal_alone_and_back()
    {
        Root.Run($"systemctl disable --now --quiet rsyslog syslog.socket; rm {Snippet}; systemctl stop haproxy; rm -f /var/lib/haproxy/dev/log; systemctl start haproxy");
        string before = HostState.All(Root);
        using RequestLoad load = _host.StartRequests(Rate);
        load.WaitForMore(Rate);
        string said = Root.Run("concentrator switch");
        Assert.That(said, Does.Contain("journal"));
        load.WaitForMore(Rate);
        Assert.That(Root.Run("concentrator switch --back --dry-run"), Does.Contain("HAProxy is stopped and started"));
        said = Root.Run("concentrator switch --back");
        TestContext.Out.WriteLine(said);
        load.WaitForMore(Rate);
        _host.AssertLogged(load.End(), () => Root.Run("journalctl --no-pager --output cat SYSLOG_IDENTIFIER=haproxy"));
        Assert.That(HostState.All(Root), Is.EqualTo(before));
    }

    [Test]
    public void To_a_name_of_our_own_rsyslog_keeps_what_it_has()
    {
        _host.Edit(ConfigurationFile, "haproxy/dev/log", "haproxy/dev/conc");
        Root.Write("/etc/systemd/system/concentrator.socket.d/name.conf", "[Socket]\nListenDatagram=\nListenDatagram=/var/lib/haproxy/dev/conc\n");
        Root.Run("systemctl daemon-reload");
        string before = HostState.All(Root);
        using RequestLoad load = _host.StartRequests(Rate);
        load.WaitForMore(Rate);
        (int exitCode, _, string errors) = Root.Try("concentrator", "switch");
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.Contain("--edit").And.Contain("+ log /dev/conc len 8192 format rfc5424 local0"));
        Assert.That(HostState.All(Root), Is.EqualTo(before));
        TestContext.Out.WriteLine(Root.Run("concentrator switch --edit"));
        load.WaitForMore(Rate);
        Assert.That(Root.Read(Snippet), Is.Not.Empty);
        TestContext.Out.WriteLine(Root.Run("concentrator switch --back"));
        load.WaitForMore(Rate);
        _host.AssertLogged(load.End());
        Assert.That(HostState.All(Root), Is.EqualTo(before));
    }

    [Test]
    public void Lines_that_rsyslog_would_not_read_are_changed_before_it_gets_the_path_back()
    {
        _host.Switch();
        _host.Edit(HAProxyConfiguration, "log /dev/log\tlocal0", "log /dev/log len 8192 format rfc5424 local0");
        Root.Run("systemctl reload haproxy");
        (int exitCode, _, string errors) = Root.Try("concentrator", "switch", "--back");
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.Contain("rsyslog's unix socket would not read").And.Contain("+ log /dev/log len 8192 local0"));
        using RequestLoad load = _host.StartRequests(Rate);
        load.WaitForMore(Rate);
        Root.Run("concentrator switch --back --edit");
        load.WaitForMore(Rate);
        _host.AssertLogged(load.End());
    }
}

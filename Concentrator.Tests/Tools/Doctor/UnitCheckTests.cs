using Concentrator.Tools.Doctor;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>Our two units, in each of the states that systemd can show of them.</summary>
internal sealed class UnitCheckTests
{
    private const string Stopped = "systemctl stop concentrator.socket concentrator && systemctl start concentrator.socket concentrator";

    private PlantedHost _host = null!;

    [SetUp]
    public void Plant()
    {
        _host = new PlantedHost();
        _host.Temp.Write("units/concentrator.socket", "[Socket]\n");
    }

    [TearDown]
    public void Remove() => _host.Dispose();

    [Test]
    public async Task Both_running_and_enabled_are_well()
    {
        Diagnosis[] found = await Look(Service("active", "running"), Socket("active", "running"));
        Assert.That(found.Select(static one => one.Subject), Is.EqualTo(["concentrator.service", "concentrator.socket"]));
        foreach (Diagnosis one in found) one.IsWell();
    }

    [Test]
    public async Task A_failed_service_fails_with_its_state_and_last_line()
    {
        _host.Plant("journalctl", "Listeners:haproxy: cannot listen on unix-dgram:/x: rsyslogd (pid 7) reads this path");
        (await Look(Service("failed", "failed", result: "exit-code"), Socket("active", "listening")))[0].Says(
            Verdict.Fail, "concentrator.service: failed (failed, exit-code): Listeners:haproxy: cannot listen on", $"journalctl -u concentrator -n 20; once that is fixed: {Stopped}");
    }

    [Test]
    public async Task A_service_that_is_tried_again_and_again_fails_with_what_it_says_of_itself()
    {
        _host.Plant("journalctl", "another line");
        (await Look(Service("activating", "auto-restart", result: "exit-code", status: "not started: /etc/concentrator/concentrator.json:9: \"Paht\""), Socket("active", "listening")))[0].Says(
            Verdict.Fail, "activating (auto-restart, exit-code): it fails to start and is restarted repeatedly: not started: /etc/concentrator", "journalctl -u concentrator -n 20");
    }

    [TestCase("1", Verdict.Fail)]
    [TestCase("0", Verdict.Warn)]
    public async Task A_service_that_is_being_started_is_tried_again_where_it_is_not_the_first_time(string restarts, object verdict) => Assert.That(
        (await Look($"NRestarts={restarts}\n{Service("activating", "start-pre")}", Socket("active", "running")))[0].Verdict, Is.EqualTo((Verdict)verdict));

    [Test]
    public async Task A_service_that_does_not_run_fails_without_its_socket_and_is_warned_of_with_it()
    {
        (await Look(Service("inactive", "dead"), Socket("inactive", "dead")))[0].Says(
            Verdict.Fail, "inactive (dead): no server is reading, and messages are lost", "systemctl start concentrator.socket concentrator");
        (await Look(Service("inactive", "dead"), Socket("active", "listening")))[0].Says(
            Verdict.Warn, "messages wait in the socket until it is full", "systemctl start concentrator.socket concentrator");
    }

    [TestCase("failed", "failed", "service-start-limit-hit", "failed (failed, service-start-limit-hit)")]
    [TestCase("inactive", "dead", "success", "inactive (dead)")]
    public async Task A_socket_unit_that_is_not_active_fails_and_both_are_stopped_and_started(string active, string sub, string result, string shown) =>
        (await Look(Service("active", "running"), Socket(active, sub, result)))[1].Says(
            Verdict.Fail, $"concentrator.socket: {shown}: systemd does not hold the socket while the server restarts, so each restart loses messages", Stopped);

    [Test]
    public async Task Of_what_it_wrote_at_its_last_start_an_error_comes_before_what_was_written_later()
    {
        _host.Temp.WriteProgram("journalctl", "#!/bin/sh\n[ $1 = _SYSTEMD_INVOCATION_ID=5f ] || exit 1\n[ $2 = --priority=err ] && cat $0.err || echo stopped\n");
        _host.Temp.Write("journalctl.err", "cannot listen\n");
        (await Look($"InvocationID=5f\n{Service("failed", "failed", result: "exit-code")}", Socket("active", "listening")))[0].Says(Verdict.Fail, ": cannot listen", "journalctl");
        _host.Temp.Write("journalctl.err", "");
        (await Look($"InvocationID=5f\n{Service("failed", "failed", result: "exit-code")}", Socket("active", "listening")))[0].Says(Verdict.Fail, ": stopped", "journalctl");
    }

    [TestCase("linked")]
    [TestCase("enabled-runtime")]
    public async Task Units_that_are_not_enabled_for_good_fail_too(string file) =>
        (await Look(Service("active", "running"), Socket("active", "running", file: file)))[1].Says(Verdict.Fail, "is not enabled", "systemctl enable");

    [Test]
    public async Task Units_that_are_not_enabled_fail()
    {
        Diagnosis[] found = await Look(Service("active", "running", file: "disabled"), Socket("active", "running", file: "disabled"));
        found[0].Says(Verdict.Fail, "is not enabled: after the next boot no server will be reading", "systemctl enable concentrator.socket concentrator.service");
        found[1].Says(Verdict.Fail, "is not enabled: after the next boot systemd will not hold the socket", "systemctl enable concentrator.socket concentrator.service");
        (await Look(Service("active", "running", file: "disabled"), Socket("active", "running")))[0].IsWell();
        (await Look(Service("active", "running"), Socket("active", "running", file: "disabled")))[1].Says(Verdict.Fail, "is not enabled", "systemctl enable");
    }

    [TestCase("LoadState=not-found\nActiveState=inactive\nSubState=dead\nUnitFileState=")]
    [TestCase("LoadState=masked\nActiveState=inactive\nSubState=dead\nUnitFileState=masked")]
    [TestCase("LoadState=loaded\nActiveState=inactive\nSubState=dead\nUnitFileState=disabled\nListen=/elsewhere (Datagram)")]
    public async Task A_socket_unit_that_is_not_there_or_holds_nothing_of_ours_is_no_concern(string socket) =>
        (await Look(Service("active", "running"), socket)).IsWell();

    [Test]
    public async Task Where_systemd_does_not_run_the_server_nothing_is_said()
    {
        Assert.That(await Look("LoadState=not-found\nActiveState=inactive", "LoadState=not-found\nActiveState=inactive"), Is.Empty);
        Assert.That(await UnitState.AskAsync(_host.Temp["nowhere"], ["a.service", "b.socket"], CancellationToken.None), Is.Null);
        _host.Plant("systemctl", "System has not been booted with systemd as init system (PID 1).");
        Assert.That(await UnitState.AskAsync(_host.Host.Systemctl, ["a.service", "b.socket"], CancellationToken.None), Is.Null);
    }

    private static string Service(string active, string sub, string result = "success", string file = "enabled", string status = "") =>
        $"Result={result}\nStatusText={status}\nLoadState=loaded\nActiveState={active}\nSubState={sub}\nUnitFileState={file}";

    private static string Socket(string active, string sub, string result = "success", string file = "enabled") =>
        $"Listen=/run/concentrator/log (Stream)\nListen=/var/lib/haproxy/dev/log (Datagram)\nResult={result}\nLoadState=loaded\nActiveState={active}\nSubState={sub}\nUnitFileState={file}";

    /// <summary>By the doctor's own way to ask.</summary>
    private async Task<Diagnosis[]> Look(string service, string socket)
    {
        _host.Plant("systemctl", $"{service}\n\n{socket}");
        UnitCheck? check = await UnitCheck.AskAsync(_host.Host, [Findings.UnixListener("/var/lib/haproxy/dev/log")], CancellationToken.None);
        return [.. check!.Look()];
    }
}

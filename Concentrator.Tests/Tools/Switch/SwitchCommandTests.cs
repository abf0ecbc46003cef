using Concentrator.Configuration.Loading;
using Concentrator.Hosting;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Tools.Doctor;
using Concentrator.Tools.Commands;
using Concentrator.Tools.Switch;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Switch;

/// <summary>What stands in the way, one line each, and nothing is done.</summary>
internal sealed class SwitchCommandTests
{
    private PlantedHost _planted = null!;
    private SwitchedHost _host = null!;
    private FakeCommands _commands = null!;
    private string _said = "";
    private string _errors = "";

    [SetUp]
    public void Plant()
    {
        _planted = new PlantedHost();
        _commands = new FakeCommands();
        _host = new SwitchedHost
        {
            Examined = _planted.Host,
            Commands = _commands,
            LockFile = _planted.Temp["lock"],
            StateFile = _planted.Temp["lib/switch.json"],
            SystemdDirectory = _planted.Temp["units"],
            RsyslogDirectory = _planted.Temp["rsyslog.d"],
            RsyslogConfiguration = _planted.Temp["rsyslog.conf"],
        };
    }

    [TearDown]
    public void Remove()
    {
        _commands.Dispose();
        _planted.Dispose();
    }

    [Test]
    public async Task Without_root_one_line_says_so_both_ways()
    {
        _host = _host with { Examined = _planted.Host with { IsRoot = false } };
        await Refuses("run it as root");
        await Refuses("run it as root", back: true);
    }

    [Test]
    public async Task While_another_switch_is_at_work_one_line_says_so()
    {
        using FileStream other = new(_host.LockFile, FileMode.Create, FileAccess.Write, FileShare.None);
        await Refuses("another switch is running");
    }

    [Test]
    public async Task Where_systemd_does_not_run_one_line_says_so()
    {
        _host = _host with { SystemdDirectory = _planted.Temp["nowhere"] };
        await Refuses("systemd does not run here");
    }

    [Test]
    public async Task Where_our_units_are_missing_one_line_says_so() => await Refuses("concentrator.socket is not installed");

    [Test]
    public async Task Where_there_is_no_HAProxy_or_none_runs_one_line_says_so()
    {
        PlantUnits();
        await Refuses("HAProxy is not installed");
        _planted.Temp.Write("units/haproxy.service", "[Service]\n");
        await Refuses("HAProxy is not running; systemctl start haproxy");
    }

    [Test]
    public async Task Nothing_to_take_back_is_one_line_and_no_mistake()
    {
        Assert.That(await Run(new SwitchRequest(DryRun: false, Edit: false, Back: true)), Is.Zero);
        Assert.That(_said, Does.StartWith("Nothing to undo").And.Contain(_host.StateFile));
    }

    [Test]
    public async Task After_an_interrupted_run_only_the_way_back_is_offered()
    {
        PlantUnits();
        SwitchJournal.Create(_host.StateFile, new SwitchPlace(_planted.Temp["root"], "/dev/conc", IsOwnName: true)).Begin(KernelStep.StepName);
        await Refuses("concentrator switch --back");
        Assert.That(await Run(new SwitchRequest(DryRun: true, Edit: false, Back: true)), Is.Zero);
        Assert.That(_said, Does.Contain("   1. kernel settings restored"));
        Assert.That(File.Exists(_host.StateFile));
        Assert.That(await Run(new SwitchRequest(DryRun: false, Edit: false, Back: true)), Is.Zero);
        Assert.That(File.Exists(_host.StateFile), Is.False);
    }

    [Test]
    public async Task A_wrong_configuration_is_said_as_check_says_it()
    {
        Assert.That(await Run(new SwitchRequest(DryRun: true, Edit: false, Back: false), "{ \"Wrong\": 1 }"), Is.EqualTo(1));
        Assert.That(_errors, Does.Contain("Wrong"));
    }

    [Test]
    public void The_command_line_knows_it()
    {
        using TempDirectory temp = new();
        string file = temp.Write("concentrator.json", "{ \"Wrong\": 1 }");
        (int exitCode, _, string errors) = ServerProcess.Run(temp, "switch", "--dry-run", "--config", file);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("Wrong"));
    }

    private void PlantUnits()
    {
        foreach (string unit in (string[])["concentrator.socket", "concentrator.service"]) _planted.Temp.Write($"units/{unit}", "[Unit]\n");
    }

    private async Task Refuses(string why, bool back = false)
    {
        Assert.That(await Run(new SwitchRequest(DryRun: true, Edit: false, back)), Is.EqualTo(2), _said);
        Assert.That(_errors, Does.StartWith("concentrator: ").And.Contain(why));
        Assert.That(_errors.TrimEnd().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(_commands.Run, Is.Empty);
    }

    private async Task<int> Run(SwitchRequest request, string configuration = "{}")
    {
        string file = _planted.Temp.Write("concentrator.json", configuration == "{}" ? Plain() : configuration);
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        ConfigurationEnvironment environment = new(new Dictionary<string, string>(), _planted.Temp["none"]);
        int exitCode = await SwitchCommand.ExecuteAsync(new RunArguments(file, []), request, _host, environment, output, error, CancellationToken.None);
        (_said, _errors) = (output.ToString(), error.ToString());
        return exitCode;
    }

    private string Plain() => $$"""
        {
          "Listeners": { "haproxy": { "Address": "unix-dgram:{{_planted.Temp["root/dev/log"]}}" } },
          "Outputs": { "file": { "Type": "file", "Path": "{{_planted.Temp["out.log"]}}" } }
        }
        """;
}

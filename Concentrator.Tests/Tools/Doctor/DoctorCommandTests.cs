using System.Globalization;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>The command as a whole: what it prints, its exit codes, and the one thing it writes.</summary>
internal sealed class DoctorCommandTests
{
    private PlantedHost _host = null!;
    private StringWriter _output = null!;
    private StringWriter _error = null!;

    [SetUp]
    public void Plant()
    {
        _host = new PlantedHost();
        _output = new StringWriter { NewLine = "\n" };
        _error = new StringWriter { NewLine = "\n" };
    }

    [TearDown]
    public void Remove()
    {
        _host.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Test]
    public async Task A_host_where_all_is_well_ends_with_0_and_one_fault_with_1_or_2()
    {
        using TlsIntake intake = new(TestCertificates.Authority.IssueServer(TestCertificates.ServerNames, validUntilDays: 25));
        using HAProxy haproxy = new();
        using ServerProcess server = new ServerSetup(_host.Temp).Listen("haproxy", $"unix-dgram:{haproxy.LogSocket}").File("haproxy.log").Relay(intake.Port).Start();
        _host.Show(haproxy.Pid);
        _host.Show(server.Pid);
        Assert.That(await Run(server.MonitoringPort), Is.Zero, _output.ToString());
        Assert.That(Lines(), Has.Length.GreaterThan(12));
        Assert.That(Lines()[..^1], Is.All.StartsWith("ok    "));
        Assert.That(Lines()[^1], Is.EqualTo($"{Lines().Length - 1} ok, 0 warnings, 0 failed"));
        foreach (string subject in new[] { "socket ", "holder of", "HAProxy's view", "HAProxy: version", "DroppedLogs: 0", "server: answers", "max_dgram_qlen", "wmem_default", "rmem_max", "relay relay, 127.0.0.1:", "clock", "spool" })
            Assert.That(Lines(), Has.Some.Contains(subject));
        Assert.That(_output.ToString(), Does.Not.Contain(ServerSetup.IntakeKey));

        _host.Set("net.unix.max_dgram_qlen", 4000);
        Assert.That(await Run(server.MonitoringPort), Is.EqualTo(1), _output.ToString());
        Assert.That(Lines(), Has.Exactly(1).StartsWith("warn  net.unix.max_dgram_qlen: 4000"));
        Assert.That(Lines(), Has.Exactly(1).StartsWith("      concentrator doctor --fix"));

        intake.Certificate = TestCertificates.Expired;
        Assert.That(await Run(server.MonitoringPort), Is.EqualTo(2), _output.ToString());
        Assert.That(Lines(), Has.Exactly(1).StartsWith("FAIL  relay relay, 127.0.0.1:"));
        Assert.That(Lines()[^1], Does.EndWith("1 warnings, 1 failed"));
    }

    [Test]
    public async Task A_wrong_configuration_is_said_as_check_says_it_and_ends_with_1()
    {
        string file = _host.Temp.Write("wrong.json", "{ \"Listners\": {}, \"Outputs\": { \"x\": { \"Type\": \"tape\" } } }");
        ConfigurationEnvironment environment = new(new Dictionary<string, string>(), _host.Temp["none"]);
        Assert.That(await DoctorCommand.ExecuteAsync(new RunArguments(file, []), fix: true, _host.Host, environment, _output, _error, CancellationToken.None), Is.EqualTo(1));
        using StringWriter checkOutput = new(), checkError = new() { NewLine = "\n" };
        CheckCommand.Execute(new RunArguments(file, []), environment, checkOutput, checkError);
        Assert.That(_error.ToString(), Is.EqualTo(checkError.ToString()).And.Contain("Listners"));
        Assert.That(_output.ToString(), Is.Empty);
        Assert.That(File.Exists(_host.Host.SysctlFile), Is.False);
    }

    [Test]
    public async Task Fix_writes_exactly_one_file_and_without_it_nothing_is_written()
    {
        _host.Temp.Write("concentrator.json", Quiet());
        string[] before = Everything();
        await Run(FreePort.Next());
        Assert.That(Everything(), Is.EqualTo(before));
        await Run(FreePort.Next(), fix: true);
        Assert.That(Everything().Except(before), Is.EqualTo([_host.Host.SysctlFile]));
        Assert.That(before.Except(Everything()), Is.Empty);
        Assert.That(Lines(), Has.Some.StartsWith($"ok    --fix: {_host.Host.SysctlFile} has been written; to apply it: sysctl --system"));
    }

    [Test]
    public async Task A_host_without_HAProxy_is_not_asked_for_one()
    {
        _host.Temp.Write("concentrator.json", Quiet());
        await Run(FreePort.Next());
        Assert.That(_output.ToString(), Does.Not.Contain("HAProxy"));
    }

    [Test]
    public async Task A_HAProxy_that_does_not_run_is_read_from_its_file()
    {
        _host.Temp.Write("concentrator.json", Quiet());
        _host.Temp.Write("haproxy.cfg", "global\n    chroot /var/lib/haproxy\n    log tcp@192.0.2.1:514 local0\nfrontend web\n    option tcplog\n");
        _host.Plant("haproxy", "HAProxy version 3.2.0-1 2025/05/28 - https://haproxy.org/");
        Assert.That(await Run(FreePort.Next()), Is.EqualTo(2));
        Assert.That(Lines(), Has.Exactly(1).StartsWith("warn  HAProxy: version 3.2.0, not running"));
        Assert.That(Lines(), Has.Exactly(1).StartsWith($"FAIL  {_host.Temp["haproxy.cfg"]}:3: log tcp@192.0.2.1:514 local0: HAProxy 3.2.0 sends"));
        Assert.That(_output.ToString(), Does.Not.Contain("Sekoia"), "no output goes there");
    }

    [Test]
    public async Task A_stop_ends_it_with_2_and_no_sum()
    {
        _host.Temp.Write("concentrator.json", Quiet());
        using CancellationTokenSource stop = new();
        await stop.CancelAsync();
        Assert.That(await Run(FreePort.Next(), stop: stop.Token), Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain("interrupted"));
        Assert.That(_output.ToString(), Does.Not.Contain("failed"));
    }

    [Test]
    public void The_command_line_knows_it()
    {
        string file = _host.Temp.Write("concentrator.json", "{ \"Wrong\": 1 }");
        (int exitCode, _, string errors) = ServerProcess.Run(_host.Temp, "doctor", "--config", file);
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.Contain("Wrong"));
    }

    [Test]
    public async Task The_intakes_that_are_named_are_what_is_looked_at()
    {
        string file = _host.Temp.Write("intakes.yaml", "intakes:\n- name: Techno1\n  protocol: tcp\n  port: 20516\n  intake_key: zQ7intakeKey0Never1Shown\n");
        string other = _host.Temp.Write("concentrator.json", Quiet());
        ConfigurationEnvironment environment = new(new Dictionary<string, string> { ["REGION"] = "OTHER", ["ENDPOINT"] = "127.0.0.1:1" }, other);
        RunArguments arguments = new(null, [new ConfigurationOverride("Spool:Directory", _host.Temp["spool"]), new ConfigurationOverride("Spool:MaxSize", "64MB")])
        {
            IntakesFile = file,
        };
        await DoctorCommand.ExecuteAsync(arguments, fix: false, _host.Host, environment, _output, _error, CancellationToken.None);
        Assert.That(Lines(), Has.Exactly(1).EqualTo($"ok    configuration: {file}"));
        Assert.That(Lines(), Has.Some.Contains("relay Techno1"));

        File.WriteAllText(file, "intakes:\n- colour: red\n");
        Assert.That(await DoctorCommand.ExecuteAsync(arguments, fix: false, _host.Host, environment, _output, _error, CancellationToken.None), Is.EqualTo(1));
        Assert.That(_error.ToString(), Does.Contain("colour"));
    }

    [Test]
    public async Task A_warning_about_a_file_of_conf_d_has_that_file_in_its_remedy()
    {
        string file = _host.Temp.Write("concentrator.json", Quiet());
        string part = _host.Temp.Write("conf.d/50-idle.json", $$"""
            { "Outputs": { "idle": { "Type": "file", "Path": "{{_host.Temp["idle.log"]}}" } }, "Routes": [ { "To": "file" } ] }
            """);
        await Run(FreePort.Next());
        Assert.That(Lines(), Has.Exactly(1).EqualTo($"ok    configuration: {file}, {part}"));
        Assert.That(Lines(), Has.Exactly(1).StartsWith($"warn  configuration: {part}:1: Outputs:idle: no route leads to this output"));
        Assert.That(Lines(), Has.Exactly(1).EqualTo($"      edit {part}, then: concentrator check --config {file}"));
    }

    [Test]
    public async Task A_key_file_that_every_user_can_read_is_mended_by_the_command_that_is_shown()
    {
        string key = _host.Temp.Write("intake.key", ServerSetup.IntakeKey);
        File.SetUnixFileMode(key, (UnixFileMode)0b110_100_100);
        File.SetUnixFileMode(_host.Temp.Path, (UnixFileMode)0b111_101_101);
        _host.Temp.Write("concentrator.json", $$"""
            {
              "Listeners": { "udp": { "Address": "udp://127.0.0.1:5140" } },
              "Outputs": { "relay": { "Type": "syslog-tls", "Endpoint": "127.0.0.1:1", "IntakeKeyFile": "{{key}}" } }
            }
            """);
        await Run(FreePort.Next());
        Assert.That(Lines(), Has.Exactly(1).Contains($"Outputs:relay:IntakeKeyFile: \"{key}\" has mode 0644"));
        Assert.That(Lines(), Has.Exactly(1).EqualTo($"      chmod 0600 {key}"));
        File.SetUnixFileMode(key, (UnixFileMode)0b110_000_000);
        await Run(FreePort.Next());
        Assert.That(_output.ToString(), Does.Not.Contain("IntakeKeyFile"));
    }

    [Test]
    public async Task Who_is_not_root_is_told_first_that_much_is_hidden()
    {
        _host.Temp.Write("concentrator.json", Quiet());
        _host.Host = _host.Host with { IsRoot = false };
        await Run(FreePort.Next());
        Assert.That(Lines()[0], Is.EqualTo($"warn  user: {Environment.UserName} is not root, so some checks are not possible and the results below may be incomplete"));
        Assert.That(Lines()[1], Is.EqualTo("      sudo concentrator doctor"));
    }

    private string Quiet() => $$"""
        {
          "Listeners": { "udp": { "Address": "udp://127.0.0.1:5140" } },
          "Outputs": { "file": { "Type": "file", "Path": "{{_host.Temp["out.log"]}}" } }
        }
        """;

    private async Task<int> Run(int monitoringPort, bool fix = false, CancellationToken stop = default)
    {
        _output.GetStringBuilder().Clear();
        RunArguments arguments = new(_host.Temp["concentrator.json"], [
            new ConfigurationOverride("Monitoring:Address", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{monitoringPort}")),
            new ConfigurationOverride("Spool:Directory", _host.Temp["spool"]),
            new ConfigurationOverride("Spool:MaxSize", "64MB"),
        ]);
        ConfigurationEnvironment environment = new(new Dictionary<string, string>(), _host.Temp["none"]);
        return await DoctorCommand.ExecuteAsync(arguments, fix, _host.Host, environment, _output, _error, stop);
    }

    private string[] Lines() => _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private string[] Everything() =>
        [.. Directory.EnumerateFiles(_host.Temp.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Order()];
}

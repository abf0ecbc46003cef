using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Hosting;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>Files that root, who asks, can use and the service cannot: as check says it, and until the remedy is pasted.</summary>
internal sealed class ServiceFileTests
{
    private const string WithoutCapabilities = "CapabilityBoundingSet=cap_chown cap_net_bind_service";

    private PlantedHost _host = null!;
    private string _key = null!;
    private string _spool = null!;

    [SetUp]
    public void Plant()
    {
        if (!Environment.IsPrivilegedProcess) Assert.Ignore("only root is told what others may not");
        _host = new PlantedHost();
        Sh($"chmod 0755 {_host.Temp.Path}");
        _key = _host.Temp.Write("keys/intake.key", ServerSetup.IntakeKey);
        _spool = Directory.CreateDirectory(_host.Temp["spool"]).FullName;
        Sh($"chmod 0600 {_key}; chmod 0700 {_spool}");
        _host.Temp.Write("concentrator.json", $$"""
            {
              "Listeners": { "haproxy": { "Address": "unix-dgram:{{_host.Temp["log"]}}" } },
              "Outputs": {
                "file": { "Type": "file", "Path": "{{_host.Temp["logs/out.log"]}}" },
                "relay": { "Type": "syslog-tls", "Endpoint": "127.0.0.1:1",
                  "IntakeKeyFile": "keys/intake.key" } },
              "Spool": { "Directory": "{{_spool}}", "MaxSize": "1MB" }
            }
            """);
        Directory.CreateDirectory(_host.Temp["logs"]);
    }

    [TearDown]
    public void Remove() => _host?.Dispose();

    [Test]
    public async Task What_is_roots_own_root_can_use_without_capabilities_too() => await IsWell(WithoutCapabilities);

    [TestCase("chown 4711 keys/intake.key", ":6: Outputs:relay:IntakeKeyFile: concentrator.service runs as user root, but without CAP_DAC_OVERRIDE", "mode 0600, of user 4711")]
    [TestCase("chown 4711 keys; chmod 0700 keys", ":6: Outputs:relay:IntakeKeyFile: ", "cannot traverse HOST/keys to HOST/keys/intake.key: mode 0700, of user 4711")]
    [TestCase("chown 4711 concentrator.json; chmod 0600 concentrator.json", "HOST/concentrator.json: ", "cannot read HOST/concentrator.json")]
    [TestCase("chown 4711 spool", "Spool:Directory: ", "cannot read and write HOST/spool: mode 0700")]
    [TestCase("mkdir spool/relay; touch spool/relay/1; chown 4711 spool/relay/1; chmod 0600 spool/relay/1", "Spool:Directory: ", "cannot read and write HOST/spool/relay/1")]
    [TestCase("rmdir spool; mkdir s; chown 4711 s; chmod 0755 s; sed -i s:/spool:/s/spool: concentrator.json", "Spool:Directory: ", "cannot create HOST/s/spool in HOST/s")]
    [TestCase("touch logs/out.log; chown 4711 logs/out.log; chmod 0640 logs/out.log", "Outputs:file:Path: ", "cannot write to HOST/logs/out.log")]
    [TestCase("chown 4711 logs; chmod 0755 logs", "Outputs:file:Path: ", "cannot create HOST/logs/out.log")]
    public async Task What_is_anothers_root_cannot_without_capabilities_until_the_remedy_is_pasted(string fault, string begin, string finding)
    {
        Sh(fault);
        (int code, string output, string error) = await Check(WithoutCapabilities);
        Assert.That((code, output), Is.EqualTo((1, "")), error);
        Assert.That(error, Does.Contain(begin.Replace("HOST", _host.Temp.Path, StringComparison.Ordinal)).And.Contain(finding.Replace("HOST", _host.Temp.Path, StringComparison.Ordinal)));
        Assert.That(error.Trim(), Does.Not.Contain("\n").And.Not.Contain(ServerSetup.IntakeKey));
        Assert.That((await Check("CapabilityBoundingSet=cap_dac_override")).ExitCode, Is.Zero, "with the capability");
        Sh(error.Trim().Split("; ")[^1]);
        await IsWell(WithoutCapabilities);
    }

    [Test]
    public async Task Another_user_needs_its_own_rights()
    {
        (int code, _, string error) = await Check("User=nobody\nCapabilityBoundingSet=cap_dac_override");
        Assert.That(code, Is.EqualTo(1));
        Assert.That(error.Split('\n'), Has.Some.Contains("IntakeKeyFile: concentrator.service runs as user nobody and cannot read").And.Some.StartsWith("Spool:Directory: ").And.Some.StartsWith("Outputs:file:Path: "));
        for (int finding = 0; finding < 3; finding++) Sh((await Check("User=nobody")).Error.Split('\n')[0].Split("; ")[^1]);
        await IsWell("User=nobody");
    }

    [Test]
    public async Task A_user_that_does_not_exist_is_said() =>
        Assert.That((await Check("User=nosuchuser")).Error, Does.StartWith("concentrator.service: its user nosuchuser or one of its groups does not exist"));

    [Test]
    public async Task What_the_sandbox_hides_or_makes_read_only_is_said_with_the_setting()
    {
        Assert.That((await Check($"InaccessiblePaths={_host.Temp["keys"]}")).Error, Does.Contain($"cannot see {_key} (InaccessiblePaths=); install -m 0600 -o root {_key} /etc/concentrator/intake.key"));
        string strict = $"ProtectSystem=strict\nReadWritePaths={_host.Temp["logs"]}";
        Assert.That(
            (await Check(strict)).Error,
            Does.StartWith($"Spool:Directory: concentrator.service cannot write to {_spool}: it is read-only there (ProtectSystem=strict); mkdir -p /etc/systemd/system/concentrator.service.d")
                .And.Contain($"ReadWritePaths={_spool}\\n"));
        await IsWell($"{strict} {_spool}");
    }

    [Test]
    public async Task A_spool_that_is_not_there_is_made_by_whoever_the_unit_lets_make_it()
    {
        Directory.Delete(_spool);
        string strict = $"ProtectSystem=strict\nReadWritePaths={_host.Temp["logs"]} -{_spool}";
        string made = $"{strict}\nExecStartPre={{ path=/usr/bin/install ; argv[]=/usr/bin/install -d -m 0700 {_spool} ; ignore_errors=no ; start_time=[n/a] }}";
        Assert.That((await Check(strict)).Error, Does.Contain("it is read-only there").And.Contain($"; install -d -m 0700 -o root {_spool} && mkdir -p"));
        Assert.That((await Check(made)).ExitCode, Is.Zero);
        Assert.That((await Check($"{made}\nUser=nobody")).Error, Does.Contain($"ExecStartPre= creates {_spool} for root").And.Contain($"install -d -m 0700 -o nobody {_spool}"));
        Assert.That((await Check("")).ExitCode, Is.Zero);
    }

    [Test]
    public async Task What_systemd_makes_for_a_dynamic_user_and_a_standard_output_are_let_be()
    {
        Sh($"mkdir -m 0700 private; mv {_spool} private/spool; ln -s private/spool {_spool}; sed -i s:{_host.Temp["logs/out.log"]}:/dev/stdout: concentrator.json; chgrp 61184 {_key}; chmod 0640 {_key}");
        const string Dynamic = "User=concentrator-dynamic\nDynamicUser=yes\n";
        string state = Path.GetRelativePath("/var/lib", _spool);
        Assert.That((await Check(Dynamic)).Error, Does.StartWith("Spool:Directory: "));
        await IsWell($"{Dynamic}StateDirectory={state}");
    }

    [Test]
    public async Task Without_a_relay_the_server_needs_no_spool()
    {
        Sh($"chown 4711 {_spool}");
        Assert.That((await Check(WithoutCapabilities)).Error, Does.StartWith("Spool:Directory: "));
        Sh("sed -i '/\"relay\"/,/IntakeKeyFile/d; s/logs.out.log\" },/logs\\/out.log\" } },/' concentrator.json");
        Assert.That(await Check(WithoutCapabilities), Is.EqualTo((0, $"OK: 1 listener, 1 output, 1 route ({_host.Temp["concentrator.json"]})\n", "")));
    }

    [Test]
    public async Task The_services_own_environment_counts()
    {
        string other = _host.Temp.Write("other.key", ServerSetup.IntakeKey);
        Sh($"chown 4711 {other}; chmod 0600 {other}");
        string named = $"Environment=CONCENTRATOR__Outputs__relay__IntakeKeyFile={other}";
        Assert.That(
            (await Check($"{WithoutCapabilities}\n{named}")).Error,
            Does.StartWith($"environment variable CONCENTRATOR__Outputs__relay__IntakeKeyFile: Outputs:relay:IntakeKeyFile: concentrator.service runs as").And.Contain(other));
        Assert.That((await Check("Environment=CONCENTRATOR__Spool__MaxSize=many")).Error, Does.StartWith("concentrator.service: its configuration is invalid with the unit's environment and arguments: environment variable"));
    }

    [Test]
    public async Task Another_configuration_than_the_services_is_not_judged_by_it()
    {
        Sh($"chown 4711 {_key}");
        Assert.That((await Check(WithoutCapabilities, "/etc/concentrator/concentrator.json")).ExitCode, Is.Zero, "the service has another");
        Assert.That((await Check("LoadState=not-found")).ExitCode, Is.Zero, "there is no service");
        Assert.That((await Check(WithoutCapabilities, null, new ConfigurationOverride("Spool:MaxMemory", "1MB"))).ExitCode, Is.Zero, "it is not the whole configuration");
        Directory.CreateDirectory(_host.Temp["proc/self"]);
        _host.Temp.Write("proc/self/cgroup", "0::/system.slice/concentrator.service\n");
        Assert.That((await Check(WithoutCapabilities)).ExitCode, Is.Zero, "the service asks, for a reload");
    }

    [Test]
    public async Task The_doctor_says_the_same_as_check()
    {
        Assert.That((await Doctor(WithoutCapabilities)).Single(static line => line.Contains("concentrator.service: runs", StringComparison.Ordinal)), Does.StartWith("ok    concentrator.service: runs as user root"));
        Sh($"chown 4711 {_key}");
        string[] said = await Doctor(WithoutCapabilities);
        int at = Array.FindIndex(said, static line => line.StartsWith("FAIL  ", StringComparison.Ordinal) && line.Contains("IntakeKeyFile: concentrator.service runs as", StringComparison.Ordinal));
        Assert.That(at, Is.Not.Negative, string.Join('\n', said));
        Assert.That(said[at + 1], Is.EqualTo($"      chgrp root {_key} && chmod g+r {_key}"));
    }

    private async Task IsWell(string unit)
    {
        (int code, string output, string error) = await Check(unit);
        Assert.That((code, error), Is.EqualTo((0, "")));
        Assert.That(output, Does.StartWith("OK: 1 listener, 2 outputs"));
    }

    /// <param name="unit">Properties, as systemctl shows them.</param>
    /// <param name="configuration">That the service runs with; null = the one that is checked.</param>
    /// <param name="overrides">On the command line of check.</param>
    private async Task<(int ExitCode, string Output, string Error)> Check(string unit, string? configuration = null, params ConfigurationOverride[] overrides)
    {
        Plant(unit, configuration);
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int code = await CheckCommand.ExecuteAsync(new RunArguments(_host.Temp["concentrator.json"], overrides), _host.Host, Surroundings, output, error, CancellationToken.None);
        return (code, output.ToString(), error.ToString());
    }

    private async Task<string[]> Doctor(string unit)
    {
        Plant(unit, null);
        using StringWriter output = new() { NewLine = "\n" };
        await DoctorCommand.ExecuteAsync(new RunArguments(_host.Temp["concentrator.json"], []), fix: false, _host.Host, Surroundings, output, output, CancellationToken.None);
        return output.ToString().Split('\n');
    }

    private static ConfigurationEnvironment Surroundings => new(new Dictionary<string, string>(), "/nowhere");

    private void Plant(string unit, string? configuration)
    {
        string command = $"/usr/bin/concentrator run --config {configuration ?? _host.Temp["concentrator.json"]}";
        string load = unit.StartsWith("LoadState", StringComparison.Ordinal) ? "" : "LoadState=loaded\n";
        _host.Plant("systemctl", $"{load}ExecStart={{ path=/usr/bin/concentrator ; argv[]={command} ; ignore_errors=no ; start_time=[n/a] }}\n{unit}");
    }

    private void Sh(string script)
    {
        (int exitCode, _, string errors) = PeerProcess.Run(new PeerStart { Path = "/bin/sh", Arguments = ["-ec", script], WorkingDirectory = _host.Temp.Path });
        Assert.That(exitCode, Is.Zero, $"{script}: {errors}");
    }
}

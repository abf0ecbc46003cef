using System.Net.Sockets;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Native;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Tools.Doctor;
using Concentrator.Tools.Doctor;
using Concentrator.Tools.Switch;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Switch;

/// <summary>The steps on a host whose files lie in a temporary directory and whose systemd is the test.</summary>
internal sealed class PlantedSwitchTests
{
    private PlantedHost _planted = null!;
    private FakeCommands _commands = null!;
    private SwitchedHost _host = null!;
    private SwitchPlace _place = null!;
    private StringWriter _output = null!;

    [SetUp]
    public void Plant()
    {
        _planted = new PlantedHost();
        _planted.Set("net.unix.max_dgram_qlen", 512);
        _commands = new FakeCommands();
        _place = new SwitchPlace(_planted.Temp["root"], "/dev/conc", IsOwnName: true);
        _planted.Temp.Socket("root/dev/conc");
        _commands.On("systemctl start concentrator.socket", () => _commands.Hold(_place.HostPath));
        _commands.On("systemctl stop concentrator.socket concentrator.service", () => _commands.Release(_place.HostPath));
        _host = new SwitchedHost
        {
            Examined = _planted.Host with { SysctlFile = _planted.Temp["etc/sysctl.d/60-concentrator.conf"] },
            Commands = _commands,
            StateFile = _planted.Temp["lib/switch.json"],
            HaproxyDropIn = _planted.Temp["units/haproxy.service.d/log.conf"],
            RsyslogDirectory = _planted.Temp["rsyslog.d"],
            SystemdDirectory = _planted.Temp["units"],
        };
        Directory.CreateDirectory(_planted.Temp["etc"]);
        Directory.CreateDirectory(_planted.Temp["lib"]);
        _output = new StringWriter { NewLine = "\n" };
    }

    [TearDown]
    public void Remove()
    {
        _output.Dispose();
        _commands.Dispose();
        _planted.Dispose();
    }

    [Test]
    public async Task What_is_done_is_there_and_is_gone_when_it_is_taken_back()
    {
        string before = Everything();
        Assert.That(await RunAsync(), _output.ToString());
        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllText(_host.Examined.SysctlFile), Is.EqualTo(SysctlFile.Text));
            Assert.That(ProcFile.TrySetting(_planted.Proc, "net.unix.max_dgram_qlen"), Is.EqualTo(16384));
            Assert.That(File.ReadAllText(_host.HaproxyDropIn), Is.EqualTo(DropInStep.Text));
            Assert.That(FileCalls.Identify(_place.HostPath) is { IsSocket: true });
            Assert.That(_commands.Run, Does.Contain("systemctl start concentrator.service").And.Contain("systemctl enable --quiet concentrator.socket concentrator.service"));
        });
        Assert.That(await Run(SwitchJournal.Read(_host.StateFile)!).UndoAsync(keep: 0), _output.ToString());
        Assert.That(Everything(), Is.EqualTo(before));
        Assert.That(_commands.Run, Does.Contain("systemctl disable --quiet concentrator.socket concentrator.service"));
    }

    /// <summary>enable, start the socket, start the service, daemon-reload.</summary>
    [Test]
    public async Task Whichever_command_fails_the_host_is_as_before_and_what_it_said_is_told([Range(0, 3)] int failing)
    {
        string before = Everything();
        _commands.FailsAt = failing;
        Assert.That(await RunAsync(), Is.False);
        Assert.That(_output.ToString(), Does.Contain("failed (1): no luck with systemctl").And.Contain("; second line"));
        Assert.That(Everything(), Is.EqualTo(before));
    }

    [Test]
    public async Task A_service_with_an_abstract_name_is_started_and_stopped_and_no_socket_unit_is_touched()
    {
        SwitchPlace place = new(_planted.Temp["root"], $"abns@{AbstractNames.Next()}", IsOwnName: true);
        using Socket server = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        _commands.On("systemctl start concentrator.service", () => server.Bind(place.Abstract!.EndPoint));
        SwitchRun run = new(SwitchJournal.Create(_host.StateFile, place), name => SwitchPlan.Named(name, _host, place), _output);
        Assert.That(await run.DoAsync([new ServiceStep(_host, place)], CancellationToken.None), _output.ToString());
        Assert.That(SwitchJournal.Read(_host.StateFile)!.Place, Is.EqualTo(place));
        Assert.That(await run.UndoAsync(keep: 0), _output.ToString());
        Assert.That(_commands.Run, Does.Contain("systemctl stop concentrator.service").And.Contain("systemctl disable --quiet concentrator.service"));
        Assert.That(_commands.Run, Has.None.Contains(UnitNames.Socket));
    }

    [Test]
    public async Task A_drop_in_that_somebody_wrote_stays_and_is_said()
    {
        _planted.Temp.Write("units/haproxy.service.d/log.conf", "[Service]\nNice=1\n");
        string before = Everything();
        Assert.That(await RunAsync(), Is.False);
        Assert.That(_output.ToString(), Does.Contain($"{_host.HaproxyDropIn} exists with different content"));
        Assert.That(Everything(), Is.EqualTo(before));
    }

    [Test]
    public void The_drop_in_is_the_sample() =>
        Assert.That(Repository.Read("samples/haproxy.service.d/log.conf"), Is.EqualTo(DropInStep.Text));

    [Test]
    public async Task A_copy_is_checked_in_which_the_files_behind_rings_are_others()
    {
        string ring = _planted.Temp.Write("ring", "live");
        string file = _planted.Temp.Write("haproxy.cfg", $"global\nring r\n    size 65536\n    backing-file {ring}\n    server s 127.0.0.1:1\n");
        string? read = null;
        FakeReader reader = new(path => read = File.ReadAllText(path));
        Assert.That(HaproxyConfig.Read([file]).RingFiles, Is.EqualTo([ring]));
        await new HaproxyReload(_host with { Commands = reader }).CheckAsync([file], new Dictionary<string, string>(), CancellationToken.None);
        Assert.That(read, Does.Contain("backing-file /").And.Contain("server s 127.0.0.1:1").And.Not.Contain(ring));
        Assert.That(Path.Exists(reader.Path), Is.False, "the copy is gone");
    }

    [Test]
    public async Task A_command_that_is_missing_or_fails_is_told_with_its_words()
    {
        SwitchedHost real = new();
        Assert.That(async () => await real.RequireAsync("/nowhere/systemctl", ["x"], CancellationToken.None), Throws.TypeOf<SwitchFailure>().With.Message.Contains("/nowhere/systemctl x failed (127)"));
        CommandResult result = await real.Commands.RunAsync("sh", ["-c", "echo said; echo wrong >&2; exit 3"], CancellationToken.None);
        Assert.That(result, Is.EqualTo(new CommandResult(3, "said\nwrong\n")));
    }

    private Task<bool> RunAsync() => Run(SwitchJournal.Create(_host.StateFile, _place)).DoAsync(
        [new KernelStep(_host), new SocketStep(_host, _place), new PathStep(_host, _place), new DropInStep(_host)], CancellationToken.None);

    private SwitchRun Run(SwitchJournal journal) => new(journal, name => SwitchPlan.Named(name, _host, _place), _output);

    private string Everything() => string.Join('\n', Directory
        .EnumerateFileSystemEntries(_planted.Temp.Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint })
        .Order(StringComparer.Ordinal)
        .Select(static path => File.Exists(path) && FileCalls.Identify(path) is { Kind: FileKind.Regular } ? $"{path} {File.ReadAllText(path)}" : path));

    private sealed class FakeReader(Action<string> read) : IHostCommands
    {
        public string Path { get; private set; } = "";

        public Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop)
        {
            Assert.That(arguments.Take(2), Is.EqualTo(["-c", "-f"]));
            Path = arguments[2];
            read(Path);
            return Task.FromResult(new CommandResult(0, ""));
        }
    }
}

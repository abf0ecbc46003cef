using System.Net.Sockets;
using System.Text;
using Concentrator.Hosting.Systemd;
using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

public sealed class SystemdNotifierTests
{
    private ManualTimeProvider _clock = null!;
    private readonly StringWriter _logText = new();
    private string _directory = null!;
    private string _path = null!;
    private Socket _manager = null!;
    private ILoggerFactory _loggers = null!;
    private ILogger _log = null!;

    [SetUp]
    public void Open()
    {
        _clock = new ManualTimeProvider();
        _directory = Directory.CreateTempSubdirectory("notify").FullName;
        _path = Path.Combine(_directory, "socket");
        _manager = Bind(_path);
        _logText.GetStringBuilder().Clear();
        _loggers = ServerLog.Create(_logText, LogLevel.Information, _clock);
        _log = _loggers.CreateLogger("c");
    }

    [TearDown]
    public void Close()
    {
        _manager.Dispose();
        _loggers.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    [Test]
    public void Every_state_arrives_as_a_datagram_of_its_own()
    {
        using SystemdNotifier notifier = new(_path, null, _log, _clock);
        notifier.Ready();
        notifier.Status("2 listeners\nup");
        notifier.Reloading();
        notifier.Stopping();
        Assert.That(Received(), Is.EqualTo(new[]
        {
            "READY=1", "STATUS=2 listeners up", $"RELOADING=1\nMONOTONIC_USEC={_clock.GetTimestamp() / 10}", "STOPPING=1",
        }));
    }

    [Test]
    public void A_state_is_sent_when_it_changes()
    {
        using SystemdNotifier notifier = new(_path, null, _log, _clock);
        foreach (string line in (string[])["a", "a", "b", "a"]) notifier.Status(line);
        Assert.That(Received(), Is.EqualTo(new[] { "STATUS=a", "STATUS=b", "STATUS=a" }));
    }

    [Test]
    public void An_abstract_socket_is_reached_too()
    {
        string name = "concentrator-test-" + Guid.NewGuid();
        using Socket manager = Bind("\0" + name);
        using SystemdNotifier notifier = new("@" + name, null, _log, _clock);
        notifier.Ready();
        Assert.That(Received(manager), Is.EqualTo(new[] { "READY=1" }));
    }

    [TestCase(null)]
    [TestCase("")]
    public void Without_a_socket_nothing_happens(string? variable)
    {
        using SystemdNotifier notifier = new(variable, TimeSpan.FromSeconds(1), _log, _clock);
        notifier.Ready();
        notifier.StartWatchdog(static () => null);
        Assert.That(_clock.ActiveTimers, Is.Zero);
        Assert.That(_logText.ToString(), Is.Empty);
    }

    [TestCase("/nowhere/at/all")]
    [TestCase("vsock:2:1234")]
    public void A_manager_that_is_not_there_is_told_of_once(string variable)
    {
        using SystemdNotifier notifier = new(variable, null, _log, _clock);
        notifier.Ready();
        notifier.Stopping();
        _loggers.Dispose();
        Assert.That(_logText.ToString().Split('\n'), Has.Length.EqualTo(2));
        Assert.That(_logText.ToString(), Does.Contain($"WARN cannot notify systemd at {variable}: "));
    }

    [Test]
    public void A_path_that_is_too_long_does_not_throw()
    {
        using SystemdNotifier notifier = new("/" + new string('x', 500), null, _log, _clock);
        Assert.That(notifier.Ready, Throws.Nothing);
    }

    [Test]
    public void Signs_of_life_come_twice_in_each_watchdog_time_while_we_are_alive()
    {
        bool alive = true;
        using SystemdNotifier notifier = new(_path, TimeSpan.FromSeconds(30), _log, _clock);
        notifier.StartWatchdog(() => alive ? null : "no movement of a loop");
        Assert.That(Received(), Is.EqualTo(new[] { "WATCHDOG=1" }));
        _clock.Advance(TimeSpan.FromSeconds(14));
        Assert.That(Received(), Is.Empty);
        _clock.Advance(TimeSpan.FromSeconds(16));
        Assert.That(Received(), Is.EqualTo(new[] { "WATCHDOG=1", "WATCHDOG=1" }));

        alive = false;
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.That(Received(), Is.Empty);
        Assert.That(_logText.ToString().Split('\n'), Has.Length.EqualTo(2).And.Some.Contains("ERROR not alive: no movement of a loop; "), "once");

        alive = true;
        _clock.Advance(TimeSpan.FromSeconds(15));
        Assert.That(Received(), Is.EqualTo(new[] { "WATCHDOG=1" }));
        Assert.That(_logText.ToString(), Does.Contain("INFO alive again"));

        notifier.Dispose();
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.That(Received(), Is.Empty);
    }

    [Test]
    public void A_check_that_throws_is_no_sign_of_life()
    {
        using SystemdNotifier notifier = new(_path, TimeSpan.FromSeconds(30), _log, _clock);
        notifier.StartWatchdog(static () => throw new InvalidOperationException("stuck"));
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.That(Received(), Is.Empty);
        Assert.That(_logText.ToString(), Does.Contain("stuck"));
    }

    [Test]
    public void Another_reason_is_said_too()
    {
        string reason = "a";
        using SystemdNotifier notifier = new(_path, TimeSpan.FromSeconds(30), _log, _clock);
        notifier.StartWatchdog(() => reason);
        _clock.Advance(TimeSpan.FromSeconds(15));
        reason = "a, b";
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.That(Received(), Is.Empty);
        string[] lines = _logText.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[0], Does.Contain("not alive: a; "));
        Assert.That(lines[1], Does.Contain("not alive: a, b; "));
    }

    [TestCase("30000000", null, 30.0)]
    [TestCase("30000000", "", 30.0)]
    [TestCase("30000000", "1", null)]
    [TestCase("0", null, null)]
    [TestCase("-5", null, null)]
    [TestCase("soon", null, null)]
    [TestCase("99999999999999999999", null, null)]
    [TestCase("9223372036854775807", null, null)]
    [TestCase(null, null, null)]
    public void The_watchdog_time_is_read_from_the_environment(string? microseconds, string? pid, double? seconds) =>
        Assert.That(SystemdNotifier.WatchdogTimeout(microseconds, pid)?.TotalSeconds, Is.EqualTo(seconds));

    [Test]
    public void The_watchdog_of_this_very_process_is_ours() =>
        Assert.That(SystemdNotifier.WatchdogTimeout("1000000", $"{Environment.ProcessId}"), Is.EqualTo(TimeSpan.FromSeconds(1)));

    private static Socket Bind(string path)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        return socket;
    }

    private List<string> Received() => Received(_manager);

    /// <summary>What has arrived: a unix datagram is in the receiver's queue when its send returns.</summary>
    private static List<string> Received(Socket socket)
    {
        List<string> datagrams = [];
        byte[] buffer = new byte[1024];
        while (socket.Poll(0, SelectMode.SelectRead)) datagrams.Add(Encoding.UTF8.GetString(buffer, 0, socket.Receive(buffer)));
        return datagrams;
    }
}

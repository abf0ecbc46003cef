using System.Net;
using System.Text.RegularExpressions;
using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

public sealed partial class ServerLogTests
{
    private ManualTimeProvider _clock = null!;
    private readonly StringWriter _text = new() { NewLine = "\n" };
    private ILoggerFactory _loggers = null!;
    private ILogger _log = null!;

    [SetUp]
    public void Open() => Open(LogLevel.Information);

    [TearDown]
    public void Close() => _loggers.Dispose();

    [Test]
    public void A_line_is_time_level_and_message()
    {
        _log.RelayConnectFailed("sekoia", "intake.sekoia.io:10514", "Connection refused", TimeSpan.FromSeconds(0.5));
        Assert.That(_text.ToString(), Does.Match(
            @"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d "
            + @"WARN relay sekoia: cannot connect to intake\.sekoia\.io:10514: Connection refused; next try in 0\.5 s\n\z"));
    }

    [Test]
    public void Under_the_journal_a_line_begins_with_its_priority()
    {
        Open(LogLevel.Debug, forJournal: true);
        _log.IdleConnectionCut("tcp", null, TimeSpan.FromSeconds(1));
        _log.ListenerStopped("tcp");
        _log.Unrouted("tcp");
        _log.ReloadRefused(3);
        _log.LogCritical("no");
        Assert.That(Lines().Select(static l => l[..l.IndexOf(' ', StringComparison.Ordinal)]),
            Is.EqualTo(new[] { "<7>DEBUG", "<6>INFO", "<4>WARN", "<3>ERROR", "<2>FATAL" }));
    }

    [Test]
    public void Control_characters_in_a_value_do_not_make_a_second_line()
    {
        _log.FramingViolation("tcp", null, "length \"1\n2026-11-22T06:13:25.123+00:00 INFO forged\r\u001b[2J\u0085\u2028\0\"");
        Assert.That(Messages(), Is.EqualTo(new[]
        {
            "WARN listener tcp: connection from - reset because of invalid framing: "
            + "length \"1\\n2026-11-22T06:13:25.123+00:00 INFO forged\\r\\x1b[2J\\x85\\u2028\\x00\"",
        }));
    }

    [Test]
    public void An_endless_value_is_cut()
    {
        _log.ConfigurationWarning(new string('x', 100_000));
        Assert.That(_text.ToString(), Has.Length.LessThan(9_000).And.EndsWith("x…\n"));
    }

    [Test]
    public void An_exception_shows_its_messages_and_no_stack()
    {
        _log.LogError(Thrown(), "{Listener} failed", "tls");
        Assert.That(Messages(), Is.EqualTo(new[] { "ERROR tls failed: outer, see inner: inner\\ncause" }));
    }

    [Test]
    public void At_level_Debug_an_exception_shows_its_stack_on_the_same_line()
    {
        Open(LogLevel.Debug);
        _log.LogError(Thrown(), "{Listener} failed", "tls");
        Assert.That(Messages().Single(), Does.Contain("inner\\ncause").And.Contain(nameof(Thrown)));
    }

    [Test]
    public void A_secret_shows_four_characters_at_most()
    {
        Secret key = new("abcdSECRETSECRET");
        _log.LogWarning("key {Key} and {@Same}", key, key);
        Assert.That(_text.ToString(), Does.Contain("key abcd…").And.Not.Contain("SECRET").And.Not.Contain("abcdS"));
    }

    [Test]
    public void Repeats_are_told_once_at_the_end_of_the_window()
    {
        for (int i = 0; i < 5; i++) _log.KernelDropped("udp", i);
        _log.KernelDropped("other", 7);
        Assert.That(Messages(), Has.Count.EqualTo(2));

        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.That(Messages(), Has.Count.EqualTo(3));
        Assert.That(Messages()[2], Does.StartWith("WARN listener udp: the kernel dropped 4 datagrams")
            .And.EndWith(" (4 times in the last 10 s)"));
        Assert.That(Lines()[2], Does.StartWith("2026-11-22T06:13:35.123+00:00 "), "the time of the window's end");

        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.That(Messages(), Has.Count.EqualTo(3));
        Assert.That(_clock.ActiveTimers, Is.Zero, "a quiet server is not woken");
    }

    [Test]
    public void Clients_that_differ_by_port_fold_into_one_line()
    {
        for (int port = 40_000; port < 40_010; port++)
            _log.HandshakeFailed("tls", new IPEndPoint(IPAddress.Loopback, port), $"record of {port} bytes");
        Assert.That(Messages(), Has.Count.EqualTo(1));
        _log.HandshakeFailed("tls", new IPEndPoint(IPAddress.Loopback, 1), "no shared cipher");
        Assert.That(Messages(), Has.Count.EqualTo(2), "another reason is another event");
    }

    [Test]
    public void Lines_of_the_ledger_never_fold_into_each_other()
    {
        foreach (string line in new[] { "a 1", "b 1", "b 2" }) _log.LedgerLine(line);
        Assert.That(Messages(), Has.Count.EqualTo(3));
    }

    [Test]
    public void Disposing_tells_what_was_held_back_and_later_lines_still_pass()
    {
        for (int i = 0; i < 3; i++) _log.Unrouted("udp");
        _clock.Advance(TimeSpan.FromSeconds(2));
        _loggers.Dispose();
        Assert.That(Messages()[^1], Does.EndWith("(2 times in the last 2 s)"));
        _log.Unrouted("udp");
        Assert.That(Messages(), Has.Count.EqualTo(3));
    }

    [Test]
    public void Events_of_the_framework_below_Warning_are_left_out_and_all_before_its_start()
    {
        using FrameworkLog framework = new(_loggers);
        ILogger kestrel = framework.CreateLogger("Microsoft.AspNetCore.Server.Kestrel");
        kestrel.LogError("its exception is reported by the caller");
        framework.Started();
        kestrel.LogInformation("chatter");
        kestrel.LogWarning("trouble");
        Assert.That(Messages(), Is.EqualTo(new[] { "WARN trouble" }));
    }

    [Test]
    public void Threads_that_log_at_once_lose_nothing()
    {
        Parallel.For(0, 4, worker =>
        {
            for (int i = 0; i < 500; i++) _log.Unrouted($"l{(i + worker) % 7}");
        });
        _loggers.Dispose();
        long told = Messages().Sum(static m => Count().Match(m) is { Success: true } match ? long.Parse(match.Groups[1].Value) : 1);
        Assert.That(told, Is.EqualTo(2000));
        Assert.That(Messages(), Has.Count.EqualTo(14));
    }

    [GeneratedRegex(@"\((\d+) times? in the last")]
    private static partial Regex Count();

    private static InvalidOperationException Thrown()
    {
        try
        {
            throw new InvalidOperationException("outer, see inner", new IOException("inner\ncause"));
        }
        catch (InvalidOperationException e)
        {
            return e;
        }
    }

    private void Open(LogLevel minimum, bool forJournal = false)
    {
        _loggers?.Dispose();
        _text.GetStringBuilder().Clear();
        _clock = new ManualTimeProvider();
        _loggers = ServerLog.Create(_text, minimum, _clock, forJournal);
        _log = _loggers.CreateLogger("Concentrator");
    }

    private string[] Lines() => _text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The lines without their times.</summary>
    private List<string> Messages() => [.. Lines().Select(static l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..])];
}

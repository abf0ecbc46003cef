using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using Microsoft.Extensions.Logging;
using NUnit.Framework;
using Serilog.Events;
using Serilog.Parsing;

namespace Concentrator.Tests.Telemetry;

/// <summary>The last warnings and errors, for those who look at the running server.</summary>
internal sealed class RecentEventsTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 22, 6, 13, 25, TimeSpan.Zero);

    private KeyMask _keys = null!;
    private RecentEvents _recent = null!;

    [SetUp]
    public void Begin()
    {
        _keys = new KeyMask();
        _recent = new RecentEvents(_keys);
    }

    [Test]
    public void Warnings_and_errors_are_kept_and_nothing_below()
    {
        Keep("a", LogEventLevel.Information);
        Keep("b", LogEventLevel.Warning);
        Keep("c", LogEventLevel.Error);
        Assert.That(_recent.Read(), Is.EqualTo(new[]
        {
            new RecentEvent(Start, Start, "WARN", "b", 1), new RecentEvent(Start, Start, "ERROR", "c", 1),
        }));
    }

    [Test]
    public void The_last_twenty_are_kept()
    {
        for (int i = 0; i < 50; i++) Keep($"line {i}", LogEventLevel.Warning);
        Assert.That(_recent.Read().Select(static e => e.Message), Is.EqualTo(Enumerable.Range(30, 20).Select(static i => $"line {i}")));
    }

    [Test]
    public void What_repeats_is_one_entry_and_pushes_nothing_out()
    {
        Keep("once", LogEventLevel.Error);
        for (int i = 0; i < 1000; i++) Keep("again", LogEventLevel.Warning, i);
        Keep("then", LogEventLevel.Warning, 1000);
        Keep("once", LogEventLevel.Error, 2000);
        Assert.That(_recent.Read(), Is.EqualTo(new[]
        {
            new RecentEvent(Start.AddSeconds(999), Start, "WARN", "again", 1000),
            new RecentEvent(Start.AddSeconds(1000), Start.AddSeconds(1000), "WARN", "then", 1),
            new RecentEvent(Start.AddSeconds(2000), Start, "ERROR", "once", 2),
        }));
    }

    [Test]
    public void A_line_is_escaped_and_shows_no_key()
    {
        _keys.Learn(new ServerOptions
        {
            Listeners = [],
            Outputs = [],
            Routes = [new RouteOptions { Index = 0, To = [], IntakeKey = new Secret("zQ7intakeKey0Never1Shown") }],
        });
        Keep("first\nsecond zQ7intakeKey0Never1Shown", LogEventLevel.Warning);
        Assert.That(_recent.Read().Single().Message, Is.EqualTo("first\\nsecond zQ7i…"));
    }

    [Test]
    public void The_log_keeps_its_own_also_while_it_folds_them()
    {
        Ledger ledger = new();
        ManualTimeProvider clock = new();
        using (ILoggerFactory loggers = ServerLog.CreateForConsole(LogLevel.Information, clock, ledger, _keys, _recent))
        {
            ILogger log = loggers.CreateLogger("test");
            for (int i = 0; i < 5; i++) log.KernelDropped("udp", i);
            log.ReloadDone(1, 1, 1);
        }
        RecentEvent kept = _recent.Read().Single();
        Assert.That(kept.Count, Is.EqualTo(5));
        Assert.That(kept.Message, Does.StartWith("listener udp: the kernel dropped 4 datagrams"));
    }

    private void Keep(string text, LogEventLevel level, int seconds = 0) =>
        _recent.Keep(text, new LogEvent(Start.AddSeconds(seconds), level, null, new MessageTemplate([new TextToken(text)]), []));
}

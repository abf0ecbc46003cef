using System.Reflection;
using Concentrator.Accounting;
using Concentrator.Telemetry.Log;
using Concentrator.Tests.Equipment;
using Microsoft.Extensions.Logging;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

public sealed class LogEventsTests
{
    private static readonly LoggerMessageAttribute[] Events =
    [
        .. typeof(ServerEvents).Assembly.GetTypes()
            .SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(static method => method.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>(),
    ];

    [Test]
    public void Every_event_has_an_id_of_its_own()
    {
        Assert.That(Events, Has.Length.GreaterThan(40));
        Assert.That(Events.Select(static e => e.EventId), Is.Unique);
    }

    [Test]
    public void Every_wording_is_one_line_and_its_own()
    {
        Assert.That(Events.Select(static e => e.Message), Is.Unique);
        Assert.That(Events.Select(static e => e.Message), Has.None.Contains("\n"));
    }

    [Test]
    public void Property_names_reach_the_log_as_written()
    {
        using StringWriter text = new();
        using (ILoggerFactory loggers = ServerLog.Create(text, LogLevel.Information, new ManualTimeProvider()))
        {
            loggers.CreateLogger("c").RelayCertificateRejected(
                "sekoia", "h:1", "expired", "CN=old", "a valid certificate for h", TimeSpan.FromSeconds(30));
            loggers.CreateLogger("c").FileCannotBeWritten("f", "/x", "No space left on device", 67_108_864);
            loggers.CreateLogger("c").ReceiveBufferSmaller("udp", 212_992, 16_777_216);
            loggers.CreateLogger("c").QueueFull("sekoia", DropReason.QueueFullOldest);
        }

        Assert.That(text.ToString().Split('\n').Select(static l => l[(l.IndexOf(' ', StringComparison.Ordinal) + 1)..]), Is.EqualTo(new[]
        {
            "ERROR relay sekoia: certificate of h:1 rejected, nothing sent: expired; presented CN=old; "
            + "expected a valid certificate for h; next try in 30 s",
            "ERROR file f: /x cannot be written: No space left on device; holding up to 67,108,864 bytes in memory until it can",
            "WARN listener udp: receive buffer is 212,992 of 16,777,216 bytes: bursts may be lost; "
            + "run: sysctl -w net.core.rmem_max=16777216",
            "ERROR output sekoia: queue full, dropping messages (queue_full_oldest)",
            "",
        }));
    }
}

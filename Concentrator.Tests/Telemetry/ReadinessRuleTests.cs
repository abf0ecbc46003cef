using Concentrator.Accounting;
using Concentrator.Hosting.Views;
using NUnit.Framework;

namespace Concentrator.Tests.Telemetry;

public sealed class ReadinessRuleTests
{
    [TestCase(true, true, true, 0, true)]
    [TestCase(true, true, true, 1000, true, Description = "a connected relay is draining")]
    [TestCase(true, true, false, 0, true)]
    [TestCase(true, true, false, 499, true)]
    [TestCase(true, true, false, 500, false)]
    [TestCase(true, true, false, 1000, false)]
    [TestCase(true, false, false, 1000, true, Description = "a file has no connection")]
    [TestCase(false, true, true, 0, false)]
    public void Ready_is_listening_and_each_relay_connected_or_below_half(
        bool listening, bool isRelay, bool connected, long queuedBytes, bool ready) =>
        Assert.That(ReadinessRule.Problems(listening, [], [Output("o", isRelay, connected, queuedBytes)]).Count == 0, Is.EqualTo(ready));

    [Test]
    public void Every_reason_is_a_line_of_its_own() => Assert.That(
        ReadinessRule.Problems(false, [], [Output("a", true, false, 700), Output("b", true, false, 0), Output("c", true, false, 1000)]),
        Is.EqualTo(new[]
        {
            "not listening",
            "relay a: not connected, queue at 700 of 1000 bytes",
            "relay c: not connected, queue at 1000 of 1000 bytes",
        }));

    [Test]
    public void A_file_that_cannot_be_written_is_not_ready() => Assert.That(
        ReadinessRule.Problems(true, [], [Output("f", false, false, 0) with { Problem = "/x cannot be written" }]),
        Is.EqualTo(new[] { "file f: /x cannot be written" }));

    [Test]
    public void A_socket_that_has_lost_its_path_is_not_ready() => Assert.That(
        ReadinessRule.Problems(true, [new ListenerSnapshot { Name = "haproxy", Problem = "/dev/log was removed" }], []),
        Is.EqualTo(new[] { "listener haproxy: /dev/log was removed" }));

    [Test]
    public void The_largest_queue_does_not_overflow_the_rule() => Assert.That(
        ReadinessRule.Problems(true, [], [Output("o", true, false, long.MaxValue - 1) with { Capacity = long.MaxValue }]), Is.Not.Empty);

    private static OutputSnapshot Output(string name, bool isRelay, bool connected, long queuedBytes) => new()
    {
        Name = name,
        IsRelay = isRelay,
        Connected = connected,
        Capacity = 1000,
        QueuedBytes = queuedBytes,
        Dropped = new long[DropReasons.All.Length],
    };
}

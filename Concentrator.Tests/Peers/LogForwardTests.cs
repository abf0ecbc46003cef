using System.Text;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Targets;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>
/// HAProxy's <c>log-forward</c> as a relay's receiver. It takes frames that fit into its buffer (tune.bufsize, 16,384 bytes) with their octet
/// count. At a frame that is longer by itself it closes; at one that is longer with its count alone it reads no more, and keeps the
/// connection. 2.6, 3.0 and 3.2 do the same. 2.6 answers no close at all, so that of a connection on which it keeps quiet nobody can say
/// whether it reads: there only a message that it closes at can be found.
/// </summary>
[Parallelizable]
internal sealed class LogForwardTests : ReceiverLimitTests
{
    [TestCase("")]
    [TestCase("3_0")]
    [TestCase("3_2")]
    public void A_message_that_HAProxy_closes_at_is_put_aside_and_all_others_arrive(string version)
    {
        using DatagramSink sink = DatagramSink.Udp();
        using HAProxy forwarder = Forwarder(version, sink, out int port);
        ServerProcess server = StartRelay(port);
        Send("first", "large " + new string('x', 60_000), "last");
        Eventually.Holds(() => Words(sink).Contains("last"), "the last message arrives", Deadline.Transfer, server.Describe);

        // Its kernel had acknowledged the large one: that is put right with the next.
        Send("behind");
        AssertPutAside(server, () => Words(sink));
        Assert.That(System.IO.Directory.GetFiles(Directory["spool/relay/refused"]), Has.Length.EqualTo(1));
        server.Stop();
        Assert.That(server.LogLines.Count(static line => line.Contains("refuses a message of", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    /// <summary>Its kernel goes on acknowledging until the buffer is full, and only our silence ends the connection.</summary>
    [TestCase("3_0")]
    [TestCase("3_2")]
    public async Task A_message_at_which_HAProxy_stops_reading_is_put_aside_and_all_others_arrive(string version)
    {
        using DatagramSink sink = DatagramSink.Udp();
        using HAProxy forwarder = Forwarder(version, sink, out int port);
        RelayOutputOptions options = new() { Name = "relay", Endpoints = new RelayEndpoints([new RelayEndpoint("127.0.0.1", port)]) };
        RelayDeadlines deadlines = new() { Write = TimeSpan.FromSeconds(1), Acknowledge = TimeSpan.FromSeconds(1) };
        using TargetBench bench = TargetBench.Relay(options, deadlines);
        const int Count = 2_000;
        for (int i = 0; i < Count; i++) bench.SendFrame($"{Header}{new string('x', i == 100 ? 16_328 : 2_000)} seq={i:D7}");

        Eventually.Holds(() => bench.Log.Has("end repeatedly"), "the search begins", Deadline.Transfer, bench.Log.ToString);
        Assert.That(bench.Ledger.Reconnects, Is.LessThan(8), "connections in vain, of 30 s each in earnest");
        Eventually.Holds(
            () => bench.Log.Has("refuses a message of") && bench.Ledger.Queued == 0, "all but one are delivered", 2 * Deadline.Transfer, () => $"{bench.Ledger}\n{sink.Sequence}\n{bench.Log}");
        Assert.That((bench.Ledger.Dropped[(int)DropReason.Refused], bench.Ledger.Balances), Is.EqualTo((1L, true)), bench.Log.ToString);
        Eventually.Holds(() => sink.Sequence.Distinct == Count - 1, "all others arrive", detail: () => $"{sink.Sequence}\n{bench.Log}");
        Assert.That(sink.Sequence.Missing(Count), Is.EqualTo(new[] { 100 }));
        TestContext.Out.WriteLine($"{sink.Sequence}\n{bench.Log}");
        await bench.StopAsync();
    }

    private static HAProxy Forwarder(string version, DatagramSink sink, out int port)
    {
        int free = port = FreePort.Next();
        return new HAProxy(
            at => new HAProxySetup { Sections = [HAProxySetup.LogForward(free, sink.Port)] }
                .Render(at.Root, Environment.IsPrivilegedProcess, at.StatsSocket, at.Port),
            HAProxy.OfVersion(version));
    }

    private static string[] Words(DatagramSink sink) =>
        [.. sink.WaitFor(0).Select(static datagram => Encoding.ASCII.GetString(datagram).TrimEnd('\n').Split(' ')[^1])];
}

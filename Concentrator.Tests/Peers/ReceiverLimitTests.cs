using System.Text;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>Tests of a real receiver that takes no message beyond some size: a server with a datagram socket and one relay to it.</summary>
internal abstract class ReceiverLimitTests : ServerTests
{
    /// <summary>Of every message.</summary>
    protected const string Header = "<13>1 2026-11-22T06:13:25Z host app - - - ";

    protected ServerProcess StartRelay(int port) => StartRelay(new { Type = "syslog-tcp", Endpoint = $"127.0.0.1:{port}" });

    protected ServerProcess StartRelay(object relay) => Start(new
    {
        Listeners = new { @in = new { Address = $"unix-dgram:{Directory.Socket("in")}" } },
        Outputs = new { relay },
    });

    /// <summary>To the server, in this order.</summary>
    protected void Send(params string[] texts)
    {
        using DatagramSender sender = DatagramSender.Unix(Directory.Socket("in"));
        foreach (string text in texts) sender.Send(Encoding.UTF8.GetBytes(Header + text));
    }

    /// <summary>Of <c>first</c>, a large one, <c>last</c> and <c>behind</c>, the large one is put aside and all others arrive.</summary>
    /// <param name="arrived">The texts at the receiver, some perhaps again and again.</param>
    protected static void AssertPutAside(ServerProcess server, Func<IReadOnlyList<string>> arrived)
    {
        LedgerAssert.Balances(server.WaitForMetrics(
            static m => m.Sum("concentrator_output_dropped_messages_total", ("reason", "refused")) == 1
                && m.Sum("concentrator_output_queued_messages") == 0 && m.Sum("concentrator_output_delivered_messages_total") == 3,
            "it is counted", Deadline.Transfer));
        Eventually.Holds(() => arrived().Contains("behind"), "what follows arrives", Deadline.Transfer, server.Describe);
        IReadOnlyList<string> all = arrived();
        Assert.That(all.Distinct(), Is.EquivalentTo(new[] { "first", "last", "behind" }));
        Assert.That(all.Count(static text => text == "first"), Is.LessThan(15), "not for ever");
    }
}

using System.Globalization;
using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>What unfinished messages of all streams together may take.</summary>
internal sealed class StreamMemoryTests : ServerTests
{
    private const int Megabyte = 1024 * 1024;
    private const int Length = 200_000;

    [Test]
    public void Unfinished_messages_of_many_connections_stay_within_the_bound_and_none_is_lost()
    {
        const int Connections = 200;
        int port = FreePort.Next();
        ServerProcess server = Start(new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{port}", MaxConnectionsPerAddress = 1000 } },
            Outputs = new { file = LogFile(Directory) },
            Streams = new { MaxMemory = "4MB" },
        });

        // It holds almost nothing, and its message is the oldest: the large ones go first.
        using StreamSender small = StreamSender.Tcp(port, Framing.Lf);
        small.SendRaw("<134>Nov 22 06:13:25 edge app[1]: sm"u8);
        long before = Memory(server);
        List<StreamSender> senders = [];
        for (int i = 0; i < Connections; i++)
        {
            StreamSender sender = Own(StreamSender.Tcp(port, Framing.Lf));
            senders.Add(sender);
            sender.SendRaw(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"<134>Nov 22 06:13:25 edge app[1]: {i:0000} ").PadRight(Length, 'x')));
        }
        server.WaitForMetrics(
            m => m.Sum("concentrator_listener_cut_connections_total", ("reason", "memory")) >= Connections - (4 * Megabyte / Length) - 1,
            "connections are cut");
        Assert.That(Memory(server) - before, Is.LessThan(64 * Megabyte), "without the bound it is 40 MB and what the pool keeps of it");
        server.WaitForLine("Streams:MaxMemory");
        small.SendRaw("all\n"u8);
        foreach (StreamSender sender in senders) sender.Dispose();
        IReadOnlyList<string> lines = WaitForLines(Directory["out.log"], Connections + 1);
        Assert.That(lines, Has.Count.EqualTo(Connections + 1));
        Assert.That(lines.Count(static line => line.EndsWith("app[1]: small", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(lines.Where(static line => line.Length > 1000).Select(static line => line[(line.IndexOf("app[1]: ", StringComparison.Ordinal) + 8)..][..4]).Distinct().Count(), Is.EqualTo(Connections));
        MetricsSnapshot metrics = server.Metrics();
        Assert.That(
            metrics.Sum("concentrator_truncated_messages_total"),
            Is.EqualTo(metrics.Sum("concentrator_listener_cut_connections_total", ("reason", "memory"))));
    }

    [Test]
    public void Memory_that_unfinished_messages_took_is_given_back_when_their_connections_end()
    {
        const int Connections = 400;
        int port = FreePort.Next();
        ServerProcess server = Start(new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{port}" } },
            Outputs = new { file = LogFile(Directory) },
        });
        long before = Memory(server);
        byte[] message = Encoding.ASCII.GetBytes("<134>Nov 22 06:13:25 edge app[1]: ".PadRight(Length, 'x'));
        List<StreamSender> senders = [.. Enumerable.Range(0, Connections).Select(_ => Own(StreamSender.Tcp(port, Framing.Lf)))];
        foreach (StreamSender sender in senders) sender.SendRaw(message);
        Eventually.Holds(() => Memory(server) - before > 70 * Megabyte, "80 MB are held", null, server.Describe);
        foreach (StreamSender sender in senders) sender.Dispose();
        server.WaitForMetrics(m => m.Sum("concentrator_received_messages_total") == Connections, "all messages are there");
        Eventually.Holds(() => Memory(server) - before < 30 * Megabyte, "they are given back", null, () => $"{Memory(server) - before}");
    }

    private static long Memory(ServerProcess server) => long.Parse(
        File.ReadLines($"/proc/{server.Pid}/status").First(static line => line.StartsWith("RssAnon:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture) * 1024;
}

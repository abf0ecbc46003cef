using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>A full tmpfs behind the unit's RuntimeDirectory, where received datagrams and rendered messages lie.</summary>
internal sealed class ShortageTmpfsTests : FaultTests
{
    [Test]
    public void A_tmpfs_that_others_fill_costs_no_datagram_and_no_process()
    {
        const int Count = 300;
        TmpFs runtime = Own(new TmpFs(Directory["run"], "300m"));
        string path = Directory.Socket("log");
        System.IO.Directory.CreateDirectory(Directory["out.log"]);
        ServerProcess server = Start(
            new
            {
                Listeners = new { log = new { Address = $"unix-dgram:{path}" } },
                Outputs = new { file = LogFile(Directory), other = LogFile(Directory, "other.log") },
                Spool = new { MaxMemory = "32MB" },
            },
            environment: new Dictionary<string, string?> { ["RUNTIME_DIRECTORY"] = runtime.Path });
        runtime.Fill();

        // Longer than a page, so that they reach pages of their slots that nobody has touched; and more than a page of blocks.
        using DatagramSender sender = DatagramSender.Unix(path);
        for (int i = 0; i < Count; i++) sender.Send(Lines.Message($"{i} {new string('x', 60_000)}"));
        WaitForLines(Directory["other.log"], Count);
        Assert.That(server.Metrics().Sum("concentrator_kernel_dropped_datagrams_total"), Is.Zero);
        Assert.That(server.LogLines.Count(static l => l.Contains("its file system is full", StringComparison.Ordinal)), Is.LessThanOrEqualTo(2), server.Describe());
        System.IO.Directory.Delete(Directory["out.log"]);
        WaitForLines(Directory["out.log"], Count, Deadline.Process);
        Assert.That(server.Stop(), Is.Zero);
    }
}

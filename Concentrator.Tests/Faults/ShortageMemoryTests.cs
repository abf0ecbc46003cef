using System.Globalization;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// A system that gives no more memory. The limit of the address space is set while the server runs, a little above what it has: so
/// the runtime keeps what it reserved, and what is asked for now is refused.
/// </summary>
internal sealed class ShortageMemoryTests : FaultTests
{
    /// <summary>Room for the stacks of some threads; less than the ring of one more listener, 33 MB.</summary>
    private const long Spare = 28L * 1024 * 1024;

    [Test]
    public void A_reload_that_the_system_refuses_memory_is_refused_whole_and_leaves_nothing_bound()
    {
        int more = FreePort.Next(), udp = FreePort.Next();
        string path = Directory.Socket("log");
        object log = new { Address = $"unix-dgram:{path}" };
        object outputs = new { file = LogFile(Directory) };
        object spool = new { Durability = "memory" };
        using NotifySocket notify = new(Directory);
        ServerProcess server = Start(new { Listeners = new { log }, Outputs = outputs, Spool = spool }, environment: notify.Environment);
        notify.WaitForReady();
        using DatagramSender sender = DatagramSender.Unix(path);
        sender.Send(Lines.Message("before"));
        WaitForLines(Directory["out.log"], 1);

        // Once for all that a reload compiles.
        notify.Reload(server, Directory, Json(new { Listeners = new { log }, Outputs = outputs, Spool = spool, ShutdownTimeout = "00:00:05" }));
        Limit(server);
        notify.Reload(server, Directory, Json(new
        {
            Listeners = new { log, more = new { Address = $"tcp://127.0.0.1:{more}" }, udp = new { Address = $"udp://127.0.0.1:{udp}" } },
            Outputs = outputs,
            Spool = spool,
        }));
        server.WaitForLine("Listeners:udp: cannot listen on");
        server.WaitForLine("configuration not reloaded");
        Assert.That(FreePort.IsListening(more), Is.False);
        Unlimit(server);
        sender.Send(Lines.Message("as before"));
        WaitForLines(Directory["out.log"], 2);
    }

    private static void Limit(ServerProcess server)
    {
        string status = File.ReadLines($"/proc/{server.Pid}/status").Single(static l => l.StartsWith("VmSize:", StringComparison.Ordinal));
        long kilobytes = long.Parse(status.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
        SetLimit(server, ((kilobytes * 1024) + Spare).ToString(CultureInfo.InvariantCulture));
    }

    private static void Unlimit(ServerProcess server) => SetLimit(server, "unlimited");

    private static void SetLimit(ServerProcess server, string bytes)
    {
        PeerStart prlimit = new()
        {
            Path = Peer.Require("prlimit", "util-linux"),
            Arguments = [$"--pid={server.Pid}", $"--as={bytes}:unlimited"],
        };
        Assert.That(PeerProcess.Run(prlimit).ExitCode, Is.Zero);
    }
}

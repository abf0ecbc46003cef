using System.Diagnostics;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>A standard error that nobody reads: a pipe that is full, as behind a supervisor that hangs.</summary>
internal sealed class ShortageLogTests : FaultTests
{
    [Test]
    public void A_standard_error_that_nobody_reads_holds_up_neither_messages_nor_pages_nor_reloads_nor_the_stop()
    {
        string path = Directory.Socket("log");
        object configuration = new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{path}" } },
            Outputs = new { file = LogFile(Directory) },
        };
        using NotifySocket notify = new(Directory);

        // The server holds the pipe's reading end itself, and the pipe is full before its first line.
        ServerProcess server = Start(
            configuration, environment: notify.Environment,
            binary: Wrapped.Script(Directory, "mkfifo err\nexec 3<>err\nhead -c 65536 /dev/zero >&3\nexec SERVER 2>&3"));
        notify.WaitForReady();
        using DatagramSender sender = DatagramSender.Unix(path);
        sender.Send(NumberedMessage.LocalHttpLog, 0, 5000);
        WaitForLines(Directory["out.log"], 5000);

        // More lines than the queue of the log holds: each reload says a few.
        for (int round = 0; server.Metrics().Sum("concentrator_log_lines_dropped_total") == 0; round++)
        {
            Assert.That(round, Is.LessThan(50));
            object[] routes = [.. Enumerable.Range(0, 100).Select(i => new { Unknown = i, To = new[] { $"nowhere-{round}-{i}" } })];
            notify.Reload(server, Directory, Json(new { Routes = routes }));
        }
        sender.Send(NumberedMessage.LocalHttpLog, 5000, 1000);
        WaitForLines(Directory["out.log"], 6000);

        long stopping = Stopwatch.GetTimestamp();
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(Stopwatch.GetElapsedTime(stopping), Is.LessThan(Deadline.Reaction));
    }
}

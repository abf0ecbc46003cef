using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>SIGHUP and the outputs: those that are new, gone, changed or opened again, and what is queued for them.</summary>
internal sealed class ReloadOutputTests : ServerTests
{
    [Test]
    public void Outputs_are_added_and_removed_and_routes_changed()
    {
        using TlsIntake intake = NewIntake();
        string path = Directory.Socket("log");
        object listeners = new { log = new { Address = $"unix-dgram:{path}" } };
        using NotifySocket notify = new(Directory);
        ServerProcess server = Start(
            new
            {
                Listeners = listeners,
                Outputs = new { old = LogFile(Directory, "old.log"), stays = LogFile(Directory), sekoia = Relay(intake, Directory, "FirstKey0123456789") },
            },
            environment: notify.Environment);
        notify.WaitForReady();
        using DatagramSender sender = DatagramSender.Unix(path);
        sender.Send(Lines.Message("before"));
        WaitForLines(Directory["old.log"], 1);
        intake.WaitForFrames(1);

        notify.Reload(server, Directory, Json(new
        {
            Listeners = listeners,
            Outputs = new { added = LogFile(Directory, "new.log"), stays = LogFile(Directory), sekoia = Relay(intake, Directory) },
            Routes = new object[]
            {
                new { Contains = "not for stays", To = new[] { "added" }, Stop = true },
                new { To = new[] { "added", "stays", "sekoia" } },
            },
        }));
        sender.Send(Lines.Message("not for stays"));
        sender.Send(Lines.Message("after"));
        Assert.That(WaitForLines(Directory["new.log"], 2), Has.Count.EqualTo(2));
        Assert.That(WaitForLines(Directory["out.log"], 2), Has.Count.EqualTo(2).And.None.Contains("not for stays"));
        Assert.That(File.ReadAllLines(Directory["old.log"]), Has.Length.EqualTo(1));
        Assert.That(
            intake.WaitForFrames(2).Select(Lines.WithoutTime),
            Is.EqualTo(new[] { Lines.Frame("before", "FirstKey0123456789"), Lines.Frame("after", IntakeKey) }));
        Assert.That(server.Metrics().Sum("concentrator_output_delivered_messages_total", ("output", "old")), Is.EqualTo(1), "totals never go back");
    }

    [Test]
    public void An_output_that_is_removed_first_delivers_what_it_holds_and_leaves_the_rest_on_disk_for_its_return()
    {
        using TlsIntake alive = NewIntake(keepFrames: false);
        alive.Stall();
        string path = Directory.Socket("log");
        using NotifySocket notify = new(Directory);
        object Configuration(object outputs) => new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{path}" } },
            Outputs = outputs,
            ShutdownTimeout = "00:00:02",
        };
        ServerProcess server = Start(
            Configuration(new { alive = Relay(alive, Directory), dead = Relay($"localhost:{FreePort.Next()}", Directory), file = LogFile(Directory) }),
            environment: notify.Environment);
        notify.WaitForReady();
        using DatagramSender sender = DatagramSender.Unix(path);
        sender.Send(NumberedMessage.LocalHttpLog, 0, 1000);
        WaitForLines(Directory["out.log"], 1000);
        alive.Resume();
        notify.Reload(server, Directory, Json(Configuration(new { file = LogFile(Directory) })));
        alive.Sequence.AssertComplete(1000);
        MetricsSnapshot metrics = server.WaitForMetrics(
            static m => m.Sum("concentrator_output_delivered_messages_total", ("output", "alive")) == 1000, "all is delivered");
        Assert.That(metrics.Sum("concentrator_output_queued_messages", ("output", "dead")), Is.EqualTo(1000));
        server.WaitForLine("spool of dead: 1000 messages kept on disk");

        // And when it comes back, what it left is delivered, and was counted once.
        using TlsIntake late = NewIntake(keepFrames: false);
        notify.Reload(server, Directory, Json(Configuration(new { dead = Relay(late, Directory), file = LogFile(Directory) })));
        late.Sequence.AssertComplete(1000);
        metrics = server.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages", ("output", "dead")) == 0, "nothing is queued");
        Assert.That(metrics.Sum("concentrator_output_delivered_messages_total", ("output", "dead")), Is.EqualTo(1000));
    }

    [Test]
    public void What_is_queued_for_a_dead_endpoint_reaches_the_one_that_replaces_it()
    {
        const int count = 2000;
        using TlsIntake intake = NewIntake(keepFrames: false);
        string path = Directory.Socket("log");
        object Configuration(object relay) => new { Listeners = new { log = new { Address = $"unix-dgram:{path}" } }, Outputs = new { sekoia = relay } };
        using NotifySocket notify = new(Directory);
        ServerProcess server = Start(Configuration(Relay($"localhost:{FreePort.Next()}", Directory)), environment: notify.Environment);
        notify.WaitForReady();
        using DatagramSender sender = DatagramSender.Unix(path);
        sender.Send(NumberedMessage.LocalHttpLog, 0, count);
        server.WaitForLine("cannot connect");
        server.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages") == count, "all are queued");
        notify.Reload(server, Directory, Json(Configuration(Relay(intake, Directory))));
        sender.Send(NumberedMessage.LocalHttpLog, count, 10);
        intake.Sequence.AssertComplete(count + 10);
        Assert.That(intake.Sequence.OutOfOrder, Is.Zero);
    }

    [Test]
    public void Files_are_reopened_by_name()
    {
        string path = Directory.Socket("log");
        using NotifySocket notify = new(Directory);
        object configuration = new { Listeners = new { log = new { Address = $"unix-dgram:{path}" } }, Outputs = new { file = LogFile(Directory) } };
        ServerProcess server = Start(configuration, environment: notify.Environment);
        notify.WaitForReady();
        using DatagramSender sender = DatagramSender.Unix(path);
        sender.Send(Lines.Message("before"));
        WaitForLines(Directory["out.log"], 1);
        File.Move(Directory["out.log"], Directory["out.log.1"]);
        Assert.That(Holds(server, Directory["out.log.1"]));
        notify.Reload(server, Directory, Json(configuration));
        Eventually.Holds(() => !Holds(server, Directory["out.log.1"]), "the rotated file is let go, without a message to write");
        sender.Send(Lines.Message("after"));
        Assert.That(WaitForLines(Directory["out.log"], 1), Has.Count.EqualTo(1).And.All.EndsWith("after"));
        Assert.That(File.ReadAllLines(Directory["out.log.1"]), Has.Length.EqualTo(1));
    }

    [Test]
    public void An_output_that_changes_from_a_file_to_a_relay_is_a_relay_for_metrics_and_readiness_and_back()
    {
        string path = Directory.Socket("log");
        object Configuration(object output) => new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{path}" } },
            Outputs = new { changing = output },
            Spool = new { MaxSize = "1MB", MaxMemory = "2MB" },
        };
        using NotifySocket notify = new(Directory);
        ServerProcess server = Start(Configuration(LogFile(Directory)), environment: notify.Environment);
        notify.WaitForReady();
        Assert.That(server.Metrics().Text, Does.Not.Contain("concentrator_relay_connected{"));

        notify.Reload(server, Directory, Json(Configuration(Relay($"localhost:{FreePort.Next()}", Directory))));
        Assert.That(server.Metrics().Text, Does.Contain("concentrator_relay_connected{output=\"changing\"} 0"));
        using DatagramSender sender = DatagramSender.Unix(path);
        sender.Send(NumberedMessage.LocalHttpLog, 0, 5000);
        Eventually.Holds(() => server.Status("/readyz") == 503, "a relay that is away and half full is not ready", null, server.Describe);

        notify.Reload(server, Directory, Json(Configuration(LogFile(Directory))));
        Assert.That(server.Metrics().Text, Does.Not.Contain("concentrator_relay_connected{"));
        Assert.That(server.Status("/readyz"), Is.EqualTo(200));
    }

    private static bool Holds(ServerProcess server, string path) => System.IO.Directory.GetFiles($"/proc/{server.Pid}/fd").Any(fd =>
    {
        try
        {
            return File.ResolveLinkTarget(fd, returnFinalTarget: false)?.FullName == path;
        }
        catch (IOException)
        {
            // Closed while we looked.
            return false;
        }
    });
}

using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Pipeline;
using Concentrator.Queues;
using Concentrator.Queues.CrashSafe;
using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>A reload that changes a relay, without the rest of the server and with a clock that stands still.</summary>
[TestFixture]
internal sealed class RelayChangeTests
{
    [Test]
    public async Task A_pause_before_the_next_attempt_does_not_hold_up_a_change_of_the_endpoint()
    {
        using LogCapture log = new();
        using TlsIntake intake = new(certificate: null);
        Ledger ledger = new();
        using TempDirectory directory = new();
        ManualTimeProvider time = new();
        SpoolOptions spool = new() { Directory = directory["spool"] };
        RunningLoops loops = new();
        OutputQueues queues = new(spool, CrashSafeMemory.None(log.Logger), new WhenFullBarrier(), ledger, loops, time, log.Logger);
        TargetSet targets = new(queues, loops, time, log.Logger);
        RelayOutputOptions[] first = [To(FreePort.Next())];
        targets.Stage(first);
        await targets.ChangeAsync(first);
        Append(targets.Fronts["relay"], "8 seq=0001"u8);
        Eventually.Holds(() => log.Has("cannot connect"), "a pause has begun");
        await targets.ChangeAsync([To(intake.Port)]).WaitAsync(Deadline.Reaction);
        Assert.That(intake.WaitForFrames(1), Has.Count.EqualTo(1));
        await targets.StopAsync(Deadline.Reaction);
        Assert.That(ledger.Outputs().Single(), Has.Property(nameof(OutputSnapshot.Delivered)).EqualTo(1));
    }

    private static RelayOutputOptions To(int port) => new() { Name = "relay", Endpoints = new RelayEndpoints([new RelayEndpoint("127.0.0.1", port)]) };

    private static void Append(MemoryQueue spool, ReadOnlySpan<byte> frame)
    {
        using (spool.Enter()) frame.CopyTo(spool.ReserveUnsynchronized(frame.Length));
        spool.Publish();
    }
}

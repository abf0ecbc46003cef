using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

/// <summary>What the watch sees of the loops of outputs.</summary>
internal sealed class TargetLoopTests
{
    private RunningLoops _loops = null!;
    private TempDirectory _directory = null!;

    [SetUp]
    public void Begin()
    {
        _loops = new RunningLoops();
        _directory = new TempDirectory();
    }

    [TearDown]
    public void End() => _directory.Dispose();

    [Test]
    public async Task A_file_that_sleeps_over_what_there_is_to_write_is_stuck_and_one_without_work_is_not()
    {
        using TargetBench bench = TargetBench.File(new FileOutputOptions { Name = "out", Path = _directory["out.log"] }, loops: _loops);
        await SleepOverAsync(bench, static () => "a line\n", "file out").ConfigureAwait(false);
    }

    [Test]
    public async Task A_relay_that_sleeps_over_what_there_is_to_send_is_stuck_and_one_without_work_is_not()
    {
        using TlsIntake intake = new(TestCertificates.Server);
        using TargetBench bench = TargetBench.Relay(
            new RelayOutputOptions
            {
                Name = "sekoia",
                Endpoints = new RelayEndpoints([new RelayEndpoint("localhost", intake.Port)]),
                Tls = new RelayTlsOptions { CaFile = TestCertificates.Authority.WritePem(_directory.Path, "ca.crt") },
            },
            loops: _loops);
        await SleepOverAsync(bench, static () => "5 hello", "relay sekoia").ConfigureAwait(false);
    }

    private async Task SleepOverAsync(TargetBench bench, Func<string> message, string loop)
    {
        bench.Send(message());
        bench.WaitForDelivered(1);
        WaitForWork();
        Assert.That(LongLook.At(_loops), Is.Null, "it has nothing to do");

        // A wake-up gets lost.
        bench.Spool.WakeConsumer = static () => { };
        bench.Send(message());
        Assert.That(LongLook.At(_loops), Is.EqualTo($"no progress for 30 s in {loop}"));
        await bench.DetachAsync().ConfigureAwait(false);
        Assert.That(_loops.All(), Is.Empty);
    }

    private void WaitForWork() => Eventually.Holds(
        () => LoopHeartbeat.WaitAt(_loops.All().Single().Position) == LoopWait.Work, "the loop waits for work");
}

using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>kill -9 at any moment.</summary>
internal sealed class KillTests : KilledServerTests
{
    [TestCase(10)]
    [TestCase(100, Category = Soak, Explicit = true, Reason = FullSize)]
    public void Kill_9_at_random_moments_under_load_loses_nothing(int rounds)
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        object configuration = new
        {
            Listeners = new Dictionary<string, object> { ["in"] = new { Address = $"unix-dgram:{SocketPath}" } },
            Outputs = new { file = LogFile(Directory), sekoia = Relay(intake, Directory) },
        };
        (ServerProcess server, int sent) = KillUnderLoad(rounds, seed: 20261122, configuration, intake.Sequence, NumberedMessage.LocalHttpLog.Render, Rate);
        Assert.That(server.Stop(), Is.Zero, server.Describe());

        SequenceLedger lines = SequenceLedger.Of(File.ReadLines(Directory["out.log"]));
        PrintLedger(sent, intake.Sequence, "relay: ");
        TestContext.Out.WriteLine($"file: {lines}, missing {lines.Missing(sent).Count}");
        Assert.That(intake.Sequence.Missing(sent), Is.Empty);
        Assert.That(lines.Missing(sent), Is.Empty);
    }

    /// <summary>A kill takes the answers that were on their way, and what was answered behind them: those events come twice.</summary>
    [TestCase(10)]
    [TestCase(100, Category = Soak, Explicit = true, Reason = FullSize)]
    public void Kill_9_at_random_moments_loses_nothing_on_the_way_to_the_HTTPS_intake(int rounds)
    {
        using SekoiaHttpsIntake intake = new(TestCertificates.Server, keeps: false);
        object configuration = new
        {
            Listeners = new Dictionary<string, object> { ["in"] = new { Address = $"unix-dgram:{SocketPath}" } },
            Outputs = new { sekoia = Https(intake, Directory) },
        };
        (ServerProcess server, int sent) = KillUnderLoad(rounds, seed: 20261130, configuration, intake.Sequence, NumberedMessage.LocalHttpLog.Render, Rate);
        Assert.That(server.Stop(), Is.Zero, server.Describe());
        PrintLedger(sent, intake.Sequence);
        Assert.That(intake.Sequence.Missing(sent), Is.Empty);
    }
}

using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>
/// kill -9 and a receiver that dies over what its TCP had acknowledged, the one after the other: what nobody has read is sent again by
/// the next server too.
/// </summary>
internal sealed class UnreadAtKillTests : FaultTests
{
    /// <summary>They have room in the receive buffer of a connection.</summary>
    private const int Messages = 300;

    [Test]
    public void What_a_receiver_had_acknowledged_and_not_read_survives_kill_9([Values] bool isKilledFirst)
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        ServerProcess killed = StartRelay(Relay(intake, Directory));
        using (StreamSender sender = StreamSender.Tcp(Port, Framing.OctetCounted))
        {
            sender.Send(NumberedMessage.HttpLog, 0, 1);
            WaitForDelivered(killed, 1);
            Eventually.Holds(() => intake.Sequence.Distinct == 1, "it is read");
            intake.Stall();
            sender.Send(NumberedMessage.HttpLog, 1, Messages - 1);
            WaitForDelivered(killed, Messages);
        }
        if (!isKilledFirst)
        {
            intake.Refuse();
            killed.WaitForLine("lost:");
        }
        killed.Kill();
        intake.Refuse();
        intake.Resume();
        intake.Listen();
        ServerProcess next = StartRelay(Relay(intake, Directory));
        next.WaitForMetrics(static m => m.Sum("concentrator_output_queued_messages") == 0, "nothing is queued", Deadline.Transfer);
        Assert.That(next.Stop(), Is.Zero, next.Describe());
        Eventually.TryHold(() => intake.Sequence.Distinct == Messages, Deadline.Reaction);
        PrintLedger(Messages, intake.Sequence);
        Assert.That(intake.Sequence.Missing(Messages), Is.Empty);
    }
}

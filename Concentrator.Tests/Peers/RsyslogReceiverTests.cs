using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>A receiver that goes away and comes back while the server has messages for it.</summary>
internal sealed class RsyslogReceiverTests
{
    [TestCase(RsyslogDriver.Gtls)]
    [TestCase(RsyslogDriver.Ossl)]
    public void What_is_queued_while_the_receiver_is_stopped_arrives_in_order_when_it_is_back(RsyslogDriver driver)
    {
        const int Batch = 2000;
        using TempDirectory directory = new();
        using Rsyslog receiver = new(driver);
        int port = FreePort.Next();
        using ServerProcess server = new ServerSetup(directory).Listen("in", $"tcp://127.0.0.1:{port}").Relay(receiver.Port).Start();
        using StreamSender sender = StreamSender.Tcp(port, Framing.OctetCounted);
        NumberedMessage message = NumberedMessage.HttpLog;

        sender.Send(message, 0, Batch);
        receiver.WaitForFrames(Batch);
        receiver.Stop();
        sender.Send(message, Batch, Batch);
        server.WaitForMetrics(
            static metrics => metrics.Sum("concentrator_output_queued_messages") >= Batch, "the second batch is queued");
        receiver.StartAgain();
        sender.Send(message, 2 * Batch, Batch);

        SequenceLedger sequence = receiver.WaitForSequence(3 * Batch, server.Describe);
        sequence.AssertNothingMissing(3 * Batch);
        Assert.That(sequence.OutOfOrder, Is.Zero, sequence.ToString());

        // Repeats are allowed when a connection ends with acknowledgements outstanding; they are told, not forbidden.
        TestContext.Out.WriteLine(sequence);
        LedgerAssert.Balances(server.WaitForMetrics(
            static metrics => metrics.Sum("concentrator_output_queued_messages") == 0, "everything is acknowledged"));
    }
}

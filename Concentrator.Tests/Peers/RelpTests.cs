using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The server as a RELP client of a real rsyslogd.</summary>
internal sealed class RelpTests
{
    [TestCase(RsyslogDriver.Relp)]
    [TestCase(RsyslogDriver.RelpTls)]
    public void Messages_of_all_lengths_arrive_byte_for_byte_and_in_order(RsyslogDriver driver)
    {
        using TempDirectory directory = new();
        using Rsyslog receiver = new(driver);
        int port = FreePort.Next();
        using ServerProcess server = Setup(directory, port, receiver, driver).Start();
        using StreamSender sender = StreamSender.Tcp(port, Framing.OctetCounted);
        string[] texts = [.. Enumerable.Range(0, 300).Select(static i => $"{i} é\n{new string((char)('a' + i % 26), i * i * 2)}|")];
        foreach (string text in texts)
            sender.Send(Encoding.UTF8.GetBytes($"<134>1 2026-11-22T06:13:25.123456+00:00 edge haproxy 32177 - - {text}"));

        string[] received = [.. receiver.WaitForFrames(texts.Length, Deadline.Transfer).Select(Encoding.UTF8.GetString)];
        Assert.That(received.Select(static frame => frame[(frame.IndexOf("\"] ", StringComparison.Ordinal) + 3)..]), Is.EqualTo(texts), server.Describe());
        LedgerAssert.Balances(server.WaitForMetrics(
            static metrics => metrics.Sum("concentrator_output_queued_messages") == 0, "everything is acknowledged"));
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(server.Describe(), Does.Contain($"RELP over {(driver == RsyslogDriver.RelpTls ? "TLS 1.3" : "plain TCP")}"));
        Assert.That(receiver.Describe(), Does.Not.Contain("error"), "the session ends as librelp expects it");
    }

    [TestCase(RsyslogDriver.Relp)]
    [TestCase(RsyslogDriver.RelpTls)]
    public void Five_restarts_of_the_receiver_under_load_lose_none_of_100_000_messages(RsyslogDriver driver)
    {
        const int Count = 100_000;
        const int Restarts = 5;
        using TempDirectory directory = new();
        using Rsyslog receiver = new(driver);
        int port = FreePort.Next();
        using ServerProcess server = Setup(directory, port, receiver, driver).Start();
        using StreamSender sender = StreamSender.Tcp(port, Framing.OctetCounted);
        NumberedMessage message = NumberedMessage.HttpLog;

        Task sending = Task.Run(() =>
        {
            for (int sent = 0; sent < Count; sent += 100)
            {
                sender.Send(message, sent, 100);
                Thread.Sleep(8);
            }
        });
        for (int restart = 0; restart < Restarts; restart++)
        {
            receiver.WaitForFrames(receiver.Frames().Count + 5000, Deadline.Transfer);
            Assert.That(sending.IsCompleted, Is.False, "the load goes on over the restart");
            receiver.Stop();
            receiver.StartAgain();
        }
        Assert.That(sending.Wait(Deadline.Transfer));

        SequenceLedger sequence = receiver.WaitForSequence(Count, server.Describe);
        sequence.AssertNothingMissing(Count);
        Assert.That(sequence.OutOfOrder, Is.Zero, sequence.ToString());
        TestContext.Out.WriteLine(sequence);
        LedgerAssert.Balances(server.WaitForMetrics(
            static metrics => metrics.Sum("concentrator_output_queued_messages") == 0, "everything is acknowledged"));
    }

    private static ServerSetup Setup(TempDirectory directory, int port, Rsyslog receiver, RsyslogDriver driver) =>
        new ServerSetup(directory).Listen("in", $"tcp://127.0.0.1:{port}").Relp(
            receiver.Port, driver == RsyslogDriver.RelpTls, "\"ControlCharacters\": \"keep\"");
}

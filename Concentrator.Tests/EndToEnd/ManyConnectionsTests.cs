using System.Net;
using System.Net.Sockets;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

internal sealed class ManyConnectionsTests : ServerTests
{
    private const int Connections = 1000;
    private const int Messages = 3;

    [Test]
    public void A_thousand_connections_at_once_are_served_and_one_more_is_reset_and_counted()
    {
        int port = FreePort.Next();
        using TlsIntake intake = NewIntake(keepFrames: false);
        ServerProcess server = Start(new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{port}", MaxConnections = Connections, MaxConnectionsPerAddress = Connections } },
            Outputs = new { file = LogFile(Directory), sekoia = Relay(intake, Directory) },
        });

        StreamSender[] senders = [.. Enumerable.Range(0, Connections)
            .Select(i => Own(StreamSender.Tcp(port, i % 2 == 0 ? Framing.Lf : Framing.OctetCounted)))];
        NumberedMessage message = NumberedMessage.HttpLog;
        for (int round = 0; round < Messages; round++)
        {
            for (int i = 0; i < Connections; i++) senders[i].Send(message, (i * Messages) + round, 1);
        }
        intake.Sequence.AssertComplete(Connections * Messages);
        WaitForLines(Directory["out.log"], Connections * Messages);

        using Socket refused = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        refused.Connect(IPAddress.Loopback, port);
        SocketAssert.IsReset(refused);
        server.WaitForMetrics(m => m.Sum("concentrator_listener_refused_connections_total", ("listener", "tcp")) == 1, "one refused");
        server.WaitForLine("(MaxConnections)");

        senders[0].Dispose();
        SequenceLedger sequence = intake.Sequence;
        Eventually.Holds(
            () =>
            {
                using StreamSender next = StreamSender.Tcp(port, Framing.Lf);
                try
                {
                    next.Send(message, Connections * Messages, 1);
                }
                catch (IOException)
                {
                    // The server has not noticed the close yet.
                }
                return Eventually.TryHold(() => sequence.Distinct > Connections * Messages, TimeSpan.FromSeconds(0.5));
            },
            "a place that became free is given to the next");
    }
}

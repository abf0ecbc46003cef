using System.Globalization;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>File descriptors run out while a relay has to connect again.</summary>
internal sealed class DescriptorTests : FaultTests
{
    [Test]
    public void A_relay_that_finds_no_descriptor_left_says_so_and_connects_when_there_is_one()
    {
        string program = Peer.Require("prlimit", "util-linux");
        using TlsIntake intake = new(certificate: null);

        // By its address: a name could not even be looked up.
        ServerProcess server = StartRelay(new { Type = "syslog-tcp", Endpoint = $"127.0.0.1:{intake.Port}" });
        using StreamSender sender = StreamSender.Tcp(Port, Framing.OctetCounted);
        sender.Send(NumberedMessage.HttpLog, 0, 10);
        WaitForDelivered(server, 10);

        // What a failure needs of the runtime is loaded.
        intake.Refuse();
        server.WaitForLine("Connection refused");
        intake.Listen();
        sender.Send(NumberedMessage.HttpLog, 10, 10);
        WaitForDelivered(server, 20);

        Limit(3);
        int connections = intake.Connections;
        intake.ResetAll();
        server.WaitForLine("Too many open files");
        sender.Send(NumberedMessage.HttpLog, 20, 10);
        Assert.That((server.HasExited, intake.Connections), Is.EqualTo((false, connections)), server.Describe());
        Limit(1024);
        WaitForDelivered(server, 30);
        intake.Sequence.AssertNothingMissing(30);

        void Limit(int descriptors) => Assert.That(
            PeerProcess.Run(new PeerStart
            {
                Path = program,
                Arguments = ["--pid", server.Pid.ToString(CultureInfo.InvariantCulture), string.Create(CultureInfo.InvariantCulture, $"--nofile={descriptors}:")],
            }).ExitCode,
            Is.Zero);
    }
}

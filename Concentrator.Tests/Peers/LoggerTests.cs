using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>util-linux's logger over every transport, as scripts use it.</summary>
internal sealed class LoggerTests
{
    private static readonly string[] Lines = ["first line", "second: [with] marks", "12 begins with a number"];

    [TestCase("--rfc5424")]
    [TestCase("--rfc3164")]
    public void What_logger_sends_arrives_with_its_fields_over_every_transport(string format)
    {
        using TempDirectory directory = new();
        using TlsIntake intake = new(TestCertificates.Server);
        int port = FreePort.Next();
        string datagrams = directory.Socket("datagrams");
        string stream = directory.Socket("stream");
        using ServerProcess server = new ServerSetup(directory)
            .Listen("datagrams", $"unix-dgram:{datagrams}")
            .Listen("stream", $"unix-stream:{stream}")
            .Listen("udp", $"udp://127.0.0.1:{port}")
            .Listen("tcp", $"tcp://127.0.0.1:{port}")
            .Relay(intake.Port)
            .Start();
        string[] flags = [format, "-t", "backup", "-p", "local5.warning", "--id=4711"];
        (string Name, Action Send)[] transports =
        [
            ("unix-dgram", () => Logger.ToUnix(datagrams, Lines, ["-d", .. flags])),
            ("unix-stream", () => Logger.ToUnix(stream, Lines, ["-T", .. flags])),
            ("udp", () => Logger.ToUdp(port, Lines, flags)),
            ("tcp", () => Logger.ToTcp(port, Lines, flags)),
            ("tcp, octet-counted", () => Logger.ToTcp(port, Lines, ["--octet-count", .. flags])),
        ];
        string host = File.ReadAllText("/proc/sys/kernel/hostname").Trim();
        int before = 0;
        foreach ((string name, Action send) in transports)
        {
            send();
            IEnumerable<ReceivedFrame> received = intake.WaitForFrames(before + Lines.Length).Skip(before);
            RelayedFrame[] frames = [.. received.Select(static frame => RelayedFrame.Read(frame.Bytes))];
            before += Lines.Length;
            IEnumerable<RelayedFrame> expected = frames.Zip(
                Lines,
                (frame, line) => new RelayedFrame((21 << 3) + 4, frame.Timestamp, host, "backup", "4711", ServerSetup.IntakeKey, line));
            Assert.That(frames, Is.EqualTo(expected), name);
        }
        LedgerAssert.AllWellFormed(server, before);
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>Everything that sends, proved against the plainest receivers.</summary>
internal sealed class EquipmentTestsSenders
{
    [Test]
    public void A_blocking_sender_loses_none_of_two_hundred_thousand()
    {
        using TempDirectory directory = new();
        using DatagramSink sink = DatagramSink.Unix(directory.Socket("log"), keep: false);
        using DatagramSender sender = DatagramSender.Unix(directory["log"]);
        sender.Send(NumberedMessage.HttpLog, 0, 200_000);
        sink.Sequence.AssertComplete(200_000);
    }

    [Test]
    public void A_sender_like_HAProxy_counts_what_it_could_not_send_by_reason()
    {
        using TempDirectory directory = new();
        using DatagramSender sender = DatagramSender.LikeHAProxy(directory.Socket("log"));
        Assert.That(sender.TrySend("nobody there"u8), Is.False);
        using (Socket deaf = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified))
        {
            deaf.Bind(new UnixDomainSocketEndPoint(directory["log"]));
            sender.TrySend(NumberedMessage.HttpLog, 0, 20_000);
        }
        Assert.That(sender.TrySend("a file that nobody reads any more"u8), Is.False);
        Assert.Multiple(() =>
        {
            Assert.That(sender.Sent, Is.GreaterThan(0));
            Assert.That(sender.Failed, Is.EqualTo(2));
            Assert.That(sender.Sent + sender.Dropped, Is.EqualTo(20_000));
            Assert.That(sender.Dropped, Is.GreaterThan(0));
        });
    }

    [Test]
    public void Udp_datagrams_arrive_as_sent()
    {
        using DatagramSink sink = DatagramSink.Udp();
        using DatagramSender sender = DatagramSender.Udp(sink.Port);
        sender.Send(NumberedMessage.HttpLog, 0, 200);
        sender.Send("last\0"u8);
        Assert.That(sink.WaitFor(201)[^1], Is.EqualTo("last\0"u8.ToArray()));
        Assert.That(sink.Sequence.Missing(200), Is.Empty);
    }

    [TestCase(Framing.OctetCounted, "2 a\n1 b")]
    [TestCase(Framing.Lf, "a\n\nb\n")]
    [TestCase(Framing.Nul, "a\n\0b\0")]
    public void Streams_are_framed_as_asked(Framing framing, string expected)
    {
        using TempDirectory directory = new();
        using Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(directory.Socket("log")));
        listener.Listen();
        using StreamSender sender = StreamSender.Unix(directory["log"], framing);
        using Socket connection = listener.Accept();
        sender.Send("a\n"u8);
        sender.Send("b"u8);
        sender.FinishSending();
        using StreamReader reader = new(new NetworkStream(connection));
        Assert.That(reader.ReadToEnd(), Is.EqualTo(expected));
    }

    [TestCase("--rfc5424", "<134>1 ")]
    [TestCase("--rfc3164", "<134>")]
    public void Logger_speaks_over_each_transport(string format, string start)
    {
        string[] lines = ["first seq=0", "second seq=1"];
        string[] flags = [format, "-t", "tag", "-p", "local0.info"];
        using TempDirectory directory = new();
        using DatagramSink unix = DatagramSink.Unix(directory.Socket("log"));
        using DatagramSink udp = DatagramSink.Udp();
        Logger.ToUnix(directory["log"], lines, [.. flags, "-d"]);
        Logger.ToUdp(udp.Port, lines, flags);
        foreach (DatagramSink sink in new[] { unix, udp })
        {
            string[] received = [.. sink.WaitFor(2).Select(Encoding.UTF8.GetString)];
            Assert.That(received, Is.All.StartsWith(start).And.All.Contains(" tag"));
            Assert.That(received[0].TrimEnd('\n'), Does.EndWith("first seq=0"));
        }

        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Logger.ToTcp(((IPEndPoint)listener.LocalEndpoint).Port, lines, flags);
        using (TcpClient connection = listener.AcceptTcpClient())
        using (StreamReader reader = new(connection.GetStream()))
        {
            string[] received = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.That(received, Has.Length.EqualTo(2).And.All.StartsWith(start));
        }

        using TlsIntake intake = new(null);
        Logger.ToTcp(intake.Port, lines, [.. flags, "--octet-count"]);
        Assert.That(intake.WaitForFrames(2).Select(static frame => Encoding.UTF8.GetString(frame.Bytes)), Is.All.StartsWith(start));
    }
}

using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>200,000 messages as fast as a sender that waits can send them, over each way in, complete and in order.</summary>
internal sealed class VolumeTests : ServerTests
{
    private const int Count = 200_000;

    private readonly TempDirectory _directory = new();
    private readonly Dictionary<string, TlsIntake> _intakes = [];
    private readonly int _tcp = FreePort.Next();
    private readonly int _tls = FreePort.Next();
    private ServerProcess _server = null!;

    [OneTimeSetUp]
    public void StartServer()
    {
        (string certificate, string key) = TestCertificates.Server.WritePem(_directory.Path, "server");
        Dictionary<string, object> outputs = [];
        List<object> routes = [];
        foreach (string listener in new[] { "dgram", "tcp", "tls" })
        {
            TlsIntake intake = NewIntake(keepFrames: false);
            _intakes.Add(listener, intake);
            outputs.Add($"{listener}.log", LogFile(_directory, $"{listener}.log"));
            outputs.Add($"{listener}.relay", Relay(intake, _directory));
            routes.Add(new { From = new[] { listener }, To = new[] { $"{listener}.log", $"{listener}.relay" } });
        }
        _server = Start(
            new
            {
                Listeners = new
                {
                    dgram = new { Address = $"unix-dgram:{_directory.Socket("dgram")}" },
                    tcp = new { Address = $"tcp://127.0.0.1:{_tcp}" },
                    tls = new { Address = $"tls://127.0.0.1:{_tls}", Tls = new { CertificateFile = certificate, KeyFile = key } },
                },
                Outputs = outputs,
                Routes = routes,
            },
            _directory);
    }

    [OneTimeTearDown]
    public void EndPeers()
    {
        _server.Dispose();
        foreach (TlsIntake intake in _intakes.Values) intake.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Unix_datagrams_arrive_complete()
    {
        using DatagramSender sender = DatagramSender.Unix(_directory["dgram"]);
        sender.Send(NumberedMessage.LocalHttpLog, 0, Count);
        ArriveComplete("dgram");
    }

    [Test]
    public void Tcp_arrives_complete()
    {
        using StreamSender sender = StreamSender.Tcp(_tcp, Framing.OctetCounted);
        sender.Send(NumberedMessage.HttpLog, 0, Count);
        ArriveComplete("tcp");
    }

    [Test]
    public void Tls_arrives_complete()
    {
        using StreamSender sender = StreamSender.Tls(_tls, Framing.Lf, TestCertificates.Authority);
        sender.Send(NumberedMessage.HttpLog, 0, Count);
        ArriveComplete("tls");
    }

    private void ArriveComplete(string listener)
    {
        SequenceLedger sequence = _intakes[listener].Sequence;
        sequence.AssertComplete(Count);
        Assert.That(sequence.OutOfOrder, Is.Zero, sequence.ToString());
        Assert.That(_intakes[listener].FramingErrors, Is.Zero);
        string file = _directory[$"{listener}.log"];
        Eventually.Holds(() => CountLines(file) == Count, $"{Count} lines in {file}", Deadline.Transfer, () => $"{CountLines(file)} lines");
        SequenceLedger lines = SequenceLedger.Of(File.ReadLines(file));
        lines.AssertComplete(Count);
        Assert.That(lines.OutOfOrder, Is.Zero, lines.ToString());
    }

    private static int CountLines(string path)
    {
        byte[] buffer = new byte[1 << 20];
        using FileStream file = File.OpenRead(path);
        int lines = 0;
        for (int read; (read = file.Read(buffer)) > 0;) lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return lines;
    }
}

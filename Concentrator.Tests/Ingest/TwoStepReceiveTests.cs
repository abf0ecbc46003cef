using System.Net.Sockets;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Datagrams;
using Concentrator.Native;
using Concentrator.Queues.CrashSafe;
using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Ingest;

/// <summary>Received in two steps into memory on a disk, everything is as in one.</summary>
internal sealed unsafe class TwoStepReceiveTests
{
    // A slot's room is a whole number of cache lines.
    private const int Size = 9_984;

    private TempDirectory _directory = null!;
    private LogCapture _log = null!;
    private Socket _receiver = null!;
    private CrashSafeMemory _memory = null!;
    private ReceiveRing _ring = null!;
    private DatagramSender _sender = null!;

    [SetUp]
    public void Begin()
    {
        _directory = new TempDirectory();
        _log = new LogCapture();
        _receiver = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        _receiver.Bind(new UnixDomainSocketEndPoint(_directory.Socket("log")));
        _memory = CrashSafeMemory.Open(new SpoolOptions { Directory = _directory["spool"] }, null, _log.Logger);
        _ring = new ReceiveRing(Size, named: false, _memory, "log");
        _sender = DatagramSender.Unix(_directory.Socket("log"));
    }

    [TearDown]
    public void End()
    {
        _sender.Dispose();
        _ring.Dispose();
        _memory.Dispose();
        _receiver.Dispose();
        _log.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void Datagrams_of_every_size_come_out_once_whole_and_in_order()
    {
        TwoStepReceive receive = new(_receiver, _ring);
        Random random = new(20261129);
        int sent = 0, read = 0;
        while (read < 3 * ReceiveRing.Slots)
        {
            int burst = random.Next(1, 9);
            for (int i = 0; i < burst; i++) _sender.Send(Datagram(sent++));
            while (burst > 0)
            {
                Assert.That(_ring.MayMissPages, "a page of a disk may be missing at any time");
                int received = receive.Receive(256, out int offered);
                Assert.That(received, Is.InRange(1, Math.Min(burst, offered)));
                _ring.Fill(received, receivedAt: 0);
                int taken = _ring.WaitForData(256, out long first);
                for (long slot = first; slot < first + taken; slot++, read++)
                {
                    byte[] expected = Datagram(read);
                    ReadOnlySpan<byte> datagram = _ring.Datagram(slot, out bool truncated);
                    Assert.That(truncated, Is.EqualTo(expected.Length > Size), $"datagram {read}");
                    Assert.That(datagram.SequenceEqual(expected.AsSpan(0, Math.Min(expected.Length, Size))), $"datagram {read}");
                }
                _ring.Release(taken);
                burst -= received;
            }
        }
        Assert.That(receive.Receive(256, out _), Is.Negative, "nothing is left");
    }

    [Test]
    public void Datagrams_for_which_there_is_no_page_are_counted_and_those_around_them_are_read()
    {
        DatagramCalls.MessageHeader* slots = _ring.WaitForSpace(3, out _);
        byte* page = slots[1].Vectors->Base;
        slots[1].Vectors->Base = (byte*)64;
        ListenerCounters counters = new("log");
        using DatagramReader reader = new(
            _receiver, _ring, new ReceivePace(1 << 20, ReceiveRing.Slots), counters, new RunningLoops(), TimeProvider.System, _log.Logger);
        for (int i = 1; i <= 3; i++) _sender.Send(new byte[i]);
        reader.Start();
        Eventually.Holds(() => counters.Read().KernelDropped == 2, "both for which there is none are counted");
        slots[1].Vectors->Base = page;
        _sender.Send(new byte[4]);
        List<int> lengths = [];
        while (lengths.Count < 2)
        {
            int taken = _ring.WaitForData(1, out long first);
            lengths.Add(_ring.Datagram(first, out _).Length);
            _ring.Release(taken);
        }
        reader.Stop();
        reader.Join();
        Assert.That(lengths, Is.EqualTo(new[] { 1, 4 }));
        Assert.That(counters.Read().KernelDropped, Is.EqualTo(2));
    }

    [Test]
    public void Memory_that_ends_with_the_process_takes_one_step()
    {
        using ReceiveRing ring = new(Size, named: false, CrashSafeMemory.None(_log.Logger), "plain");
        Assert.That(ring.MayMissPages, Is.False);
    }

    /// <summary>Empty ones, small ones, and some that are too long.</summary>
    private static byte[] Datagram(int number)
    {
        byte[] bytes = new byte[number % 50 == 7 ? 0 : number % 50 == 8 ? Size + 1 + number : number * 37 % Size + 1];
        Array.Fill(bytes, (byte)number);
        return bytes;
    }
}

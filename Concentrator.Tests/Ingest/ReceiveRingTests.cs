using System.Net;
using System.Net.Sockets;
using System.Text;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Datagrams;
using Concentrator.Native;
using Concentrator.Queues.CrashSafe;
using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Ingest;

/// <summary>The ring between a reader and its lane, filled by hand.</summary>
[TestFixture]
internal sealed unsafe class ReceiveRingTests
{
    private const int Size = 512;

    private static ReceiveRing NewRing(bool named = false) =>
        new(Size, named, CrashSafeMemory.None(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance), "test");

    [Test]
    public void Datagrams_come_out_in_order_over_many_turns_of_the_ring()
    {
        using ReceiveRing ring = NewRing();
        int written = 0, read = 0;
        Random random = new(7);
        while (read < ReceiveRing.Slots * 5)
        {
            if (written - read < ReceiveRing.Slots) written += Fill(ring, random.Next(1, 64), written);
            int taken = ring.WaitForData(random.Next(1, 64), out long first);
            for (long slot = first; slot < first + taken; slot++) Assert.That(Number(ring, slot), Is.EqualTo(read++));
            ring.Release(taken);
        }
    }

    [Test]
    public void A_full_ring_makes_the_reader_wait_until_a_slot_is_given_back()
    {
        using ReceiveRing ring = NewRing();
        for (int written = 0; written < ReceiveRing.Slots;) written += Fill(ring, 64, written);
        int offered = 0;
        Thread reader = new(() => ring.WaitForSpace(64, out offered)) { IsBackground = true };
        reader.Start();
        Assert.That(reader.Join(50), Is.False, "the reader waits");
        ring.Release(ring.WaitForData(3, out _));
        Assert.That(reader.Join(Deadline.Reaction));
        Assert.That(offered, Is.EqualTo(3));
    }

    [Test]
    public void Slots_offered_never_reach_over_the_rings_end()
    {
        using ReceiveRing ring = NewRing();
        for (int i = 0; i < ReceiveRing.Slots - 10;)
        {
            i += Fill(ring, Math.Min(64, ReceiveRing.Slots - 10 - i), i);
            ring.Release(ring.WaitForData(64, out _));
        }
        ring.WaitForSpace(64, out int count);
        Assert.That(count, Is.EqualTo(10));
    }

    [Test]
    public void After_completion_the_lane_gets_the_rest_and_then_nothing()
    {
        using ReceiveRing ring = NewRing();
        Fill(ring, 5, 0);
        ring.Complete();
        Assert.That(ring.WaitForData(3, out _), Is.EqualTo(3));
        ring.Release(3);
        Assert.That(ring.WaitForData(64, out long first), Is.EqualTo(2));
        Assert.That(Number(ring, first), Is.EqualTo(3));
        ring.Release(2);
        Assert.That(ring.WaitForData(64, out _), Is.Zero);
    }

    [Test]
    public void Completion_wakes_a_lane_that_waits()
    {
        using ReceiveRing ring = NewRing();
        Task<int> waiting = Task.Run(() => ring.WaitForData(64, out _));
        ring.Complete();
        Assert.That(waiting.Wait(Deadline.Reaction));
        Assert.That(waiting.Result, Is.Zero);
    }

    [TestCase(1, false)]
    [TestCase(ReceiveRing.FullRound - 1, false)]
    [TestCase(ReceiveRing.FullRound, true)]
    public void A_lane_that_rests_is_woken_for_half_a_ring_and_not_for_less(int datagrams, bool wakes)
    {
        using ReceiveRing ring = NewRing();
        Thread lane = new(() => ring.Rest(Deadline.Reaction)) { IsBackground = true };
        lane.Start();
        for (int written = 0; written < datagrams;) written += Fill(ring, datagrams - written, written);
        Assert.That(lane.Join(wakes ? Deadline.Reaction / 2 : TimeSpan.FromMilliseconds(100)), Is.EqualTo(wakes));
        ring.Complete();
        Assert.That(lane.Join(Deadline.Reaction / 2));
    }

    [Test]
    public void A_rest_is_over_at_once_when_half_a_ring_waits_already()
    {
        using ReceiveRing ring = NewRing();
        for (int written = 0; written < ReceiveRing.FullRound;) written += Fill(ring, 64, written);
        Thread lane = new(() => ring.Rest(Timeout.InfiniteTimeSpan)) { IsBackground = true };
        lane.Start();
        Assert.That(lane.Join(Deadline.Reaction));
    }

    [Test]
    public void A_reader_and_a_lane_at_full_speed_lose_and_reorder_nothing()
    {
        const int count = 500_000;
        using ReceiveRing ring = NewRing();
        Task reading = Task.Run(() =>
        {
            for (int written = 0; written < count;) written += Fill(ring, Math.Min(17, count - written), written);
            ring.Complete();
        });
        int expected = 0;
        while (ring.WaitForData(64, out long first) is > 0 and int taken)
        {
            if (expected % 1000 == 0) ring.Rest(TimeSpan.FromMicroseconds(50));
            for (long slot = first; slot < first + taken; slot++)
            {
                if (Number(ring, slot) != expected++) Assert.Fail($"slot {slot} holds {Number(ring, slot)}");
            }
            ring.Release(taken);
        }
        Assert.That(expected, Is.EqualTo(count));
        Assert.That(reading.Wait(Deadline.Reaction));
    }

    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public void The_kernel_fills_in_bytes_sender_and_truncation(string address)
    {
        IPAddress loopback = IPAddress.Parse(address);
        using Socket receiver = new(loopback.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(loopback, 0));
        using Socket sender = new(loopback.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(receiver.LocalEndPoint!);
        using ReceiveRing ring = NewRing(named: true);
        sender.Send("short"u8);
        sender.Send(new byte[Size + 1]);
        sender.Send(ReadOnlySpan<byte>.Empty);
        int received = 0;
        while (received < 3)
        {
            DatagramCalls.MessageHeader* headers = ring.WaitForSpace(64, out int count);
            int now = DatagramCalls.ReceiveMany(receiver.SafeHandle, headers, (uint)count, 0x10000, 0);
            Assert.That(now, Is.Positive);
            ring.Fill(now, receivedAt: 0);
            received += now;
        }
        ring.WaitForData(64, out long first);
        Assert.That(Encoding.ASCII.GetString(ring.Datagram(first, out bool whole)), Is.EqualTo("short"));
        Assert.That(whole, Is.False);
        Assert.That(ring.Sender(first).ToIPAddress(), Is.EqualTo(loopback));
        Assert.That(ring.Datagram(first + 1, out bool truncated).Length, Is.EqualTo(Size));
        Assert.That(truncated, Is.True);
        Assert.That(ring.Datagram(first + 2, out _).Length, Is.Zero);
        Assert.That(ring.KernelDropped(first), Is.Null, "it was not asked for");
    }

    [Test]
    public void What_a_killed_process_had_received_comes_first_in_its_order_and_nothing_else()
    {
        using TempDirectory directory = new();
        using LogCapture log = new();
        Random random = new(11);
        for (int round = 0; round < 20; round++)
        {
            CrashSafeMemory memory = Memory(directory, log);
            ReceiveRing killed = new(Size, named: false, memory, "haproxy");
            int written = 0, released = 0;
            for (int step = random.Next(1, 400); step > 0; step--)
            {
                if (written - released < ReceiveRing.Slots) written += Fill(killed, random.Next(1, 64), written);
                if (random.Next(3) == 0) continue;
                int taken = killed.WaitForData(random.Next(1, 64), out _);
                killed.Release(taken);
                released += taken;
            }

            // Received by the kernel, and killed before anyone was told.
            if (written - released < ReceiveRing.Slots) written += Receive(killed, random.Next(1, 64), written);
            memory.Dispose();

            memory = Memory(directory, log);
            using ReceiveRing ring = new(Size, named: false, memory, "haproxy");
            Assert.That(ring.Left, Is.EqualTo(written - released));
            Assert.That(Drain(ring), Is.EqualTo(Enumerable.Range(released, written - released)));
            Fill(ring, 5, 1_000_000);
            Assert.That(ring.WaitForData(64, out long first), Is.EqualTo(5), "and then the ring goes on as ever");
            Assert.That(first, Is.GreaterThanOrEqualTo(ring.FirstOwn));
            ring.Release(5);
            memory.Dispose();
        }
    }

    [Test]
    public void A_killed_process_s_datagrams_keep_sender_truncation_and_the_time_of_their_batch()
    {
        long receivedAt = new DateTime(2026, 11, 28, 0, 0, 0, DateTimeKind.Utc).Ticks;
        using TempDirectory directory = new();
        using LogCapture log = new();
        using Socket receiver = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        receiver.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using Socket sender = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        sender.Connect(receiver.LocalEndPoint!);
        sender.Send("earlier"u8);
        sender.Send(new byte[Size + 1]);

        CrashSafeMemory memory = Memory(directory, log);
        ReceiveRing killed = new(Size, named: true, memory, "udp");
        DatagramCalls.MessageHeader* headers = killed.WaitForSpace(64, out _);
        Assert.That(DatagramCalls.ReceiveMany(receiver.SafeHandle, headers, 1, 0x10000, 0), Is.EqualTo(1));
        killed.Fill(1, receivedAt);
        headers = killed.WaitForSpace(64, out _);
        Assert.That(DatagramCalls.ReceiveMany(receiver.SafeHandle, headers, 1, 0x10000, 0), Is.EqualTo(1));
        memory.Dispose();

        memory = Memory(directory, log);
        using ReceiveRing ring = new(Size, named: true, memory, "udp");
        ring.WaitForData(64, out long first);
        Assert.That(ring.ReceivedAt(first++), Is.EqualTo(receivedAt));
        Assert.That(ring.ReceivedAt(first), Is.EqualTo(receivedAt));
        Assert.That(ring.Datagram(first, out bool truncated).Length, Is.EqualTo(Size));
        Assert.That(truncated, Is.True);
        Assert.That(ring.Sender(first).ToIPAddress(), Is.EqualTo(IPAddress.Loopback));
        memory.Dispose();
    }

    [Test]
    public void A_datagram_that_the_kernel_took_and_could_not_place_is_counted_and_said_and_the_next_is_read()
    {
        using TempDirectory directory = new();
        using LogCapture log = new();
        using Socket receiver = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        string path = directory.Socket("log");
        receiver.Bind(new UnixDomainSocketEndPoint(path));
        using DatagramSender sender = DatagramSender.Unix(path);
        using ReceiveRing ring = NewRing();
        DatagramCalls.MessageHeader* slot = ring.WaitForSpace(1, out _);
        byte* page = slot->Vectors->Base;
        slot->Vectors->Base = (byte*)64;
        ListenerCounters counters = new("log");
        RunningLoops loops = new();
        using DatagramReader reader = new(
            receiver, ring, new ReceivePace(1 << 20, ReceiveRing.Slots), counters, loops, TimeProvider.System, log.Logger);
        sender.Send("first"u8);
        sender.Send("second"u8);
        reader.Start();
        Eventually.Holds(() => counters.Read().KernelDropped == 2, "both are counted");
        slot->Vectors->Base = page;
        sender.Send("third"u8);
        ring.WaitForData(1, out long first);
        Assert.That(Encoding.ASCII.GetString(ring.Datagram(first, out _)), Is.EqualTo("third"));
        ring.Release(1);
        reader.Stop();
        reader.Join();
        Assert.That(log.Has("had no memory to copy it"), log.ToString());
    }

    private static CrashSafeMemory Memory(TempDirectory directory, LogCapture log) =>
        CrashSafeMemory.Open(new SpoolOptions { Directory = directory["spool"] }, null, log.Logger);

    private static List<int> Drain(ReceiveRing ring)
    {
        List<int> numbers = [];
        for (int left = ReceiveRing.Slots; left > 0;)
        {
            int taken = ring.WaitForData(64, out long first);
            for (long slot = first; slot < first + taken; slot++)
            {
                if (ring.Datagram(slot, out _).Length > 0) numbers.Add(Number(ring, slot));
            }
            ring.Release(taken);
            left -= taken;
        }
        return numbers;
    }

    private static int Fill(ReceiveRing ring, int wanted, int first)
    {
        int count = Receive(ring, wanted, first);
        ring.Fill(count, receivedAt: 0);
        return count;
    }

    private static int Receive(ReceiveRing ring, int wanted, int first)
    {
        DatagramCalls.MessageHeader* headers = ring.WaitForSpace(wanted, out int count);
        for (int i = 0; i < count; i++)
        {
            BitConverter.TryWriteBytes(new Span<byte>(headers[i].Vectors->Base, sizeof(int)), first + i);
            headers[i].Received = sizeof(int);
        }
        return count;
    }

    private static int Number(ReceiveRing ring, long slot) => BitConverter.ToInt32(ring.Datagram(slot, out _));
}

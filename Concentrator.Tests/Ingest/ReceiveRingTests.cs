using System.Net;
using System.Net.Sockets;
using System.Text;
using Concentrator.Ingest;
using Concentrator.Spool;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Ingest;

/// <summary>The ring between a reader and its lane, filled by hand.</summary>
[TestFixture]
internal sealed unsafe class ReceiveRingTests
{
    private const int Size = 512;

    private static ReceiveRing NewRing(bool named = false) =>
        new(Size, named, SurvivingMemory.None(Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance), "test");

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
        Eventually.Holds(() => reader.ThreadState.HasFlag(ThreadState.WaitSleepJoin), "the reader waits");
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
            ring.Publish(now);
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

    private static int Fill(ReceiveRing ring, int wanted, int first)
    {
        DatagramCalls.MessageHeader* headers = ring.WaitForSpace(wanted, out int count);
        for (int i = 0; i < count; i++)
        {
            BitConverter.TryWriteBytes(new Span<byte>(headers[i].Vectors->Base, sizeof(int)), first + i);
            headers[i].Received = sizeof(int);
        }
        ring.Publish(count);
        return count;
    }

    private static int Number(ReceiveRing ring, long slot) => BitConverter.ToInt32(ring.Datagram(slot, out _));
}

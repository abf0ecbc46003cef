using System.Net.Sockets;
using Concentrator.Ingest.Streams;
using Concentrator.Telemetry.Watchdog;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Ingest;

/// <summary>One thread reads all streams: a connection that waits goes on when there is something, and no other does.</summary>
[TestFixture]
internal sealed class StreamEventLoopTests
{
    private readonly List<Socket> _sockets = [];
    private StreamEventLoop _loop = null!;

    [SetUp]
    public void SetUp() => _loop = new StreamEventLoop(TimeProvider.System, new RunningLoops());

    [TearDown]
    public void TearDown()
    {
        _loop.Dispose();
        foreach (Socket socket in _sockets) socket.Dispose();
        _sockets.Clear();
    }

    [Test]
    public async Task A_read_waits_for_bytes_and_gets_all_that_came()
    {
        (Socket sender, PolledSocketStream stream, PolledSocket polled) = Connect();
        byte[] buffer = new byte[100];
        ValueTask<int> reading = stream.ReadAsync(buffer);
        Assert.That(reading.IsCompleted, Is.False);
        sender.Send("hello"u8);
        Assert.That(await Soon(reading), Is.EqualTo(5));
        Assert.That(buffer.AsSpan(0, 5).SequenceEqual("hello"u8));
        polled.End();
    }

    [Test]
    public async Task A_read_of_nothing_waits_too_and_takes_nothing()
    {
        (Socket sender, PolledSocketStream stream, PolledSocket polled) = Connect();
        ValueTask<int> waiting = stream.ReadAsync(Memory<byte>.Empty);
        Assert.That(waiting.IsCompleted, Is.False);
        sender.Send("hello"u8);
        Assert.That(await Soon(waiting), Is.Zero);
        Assert.That(await Soon(stream.ReadAsync(new byte[100])), Is.EqualTo(5));
        polled.End();
    }

    [Test]
    public async Task The_end_of_a_stream_is_read_as_its_end()
    {
        (Socket sender, PolledSocketStream stream, PolledSocket polled) = Connect();
        sender.Shutdown(SocketShutdown.Send);
        Assert.That(await Soon(stream.ReadAsync(new byte[10])), Is.Zero);
        polled.End();
    }

    [Test]
    public void An_interrupted_wait_ends_by_the_cancellation_that_interrupted_it()
    {
        (_, PolledSocketStream stream, PolledSocket polled) = Connect();
        using CancellationTokenSource cancellation = new();
        ValueTask<int> reading = stream.ReadAsync(new byte[10], cancellation.Token);
        cancellation.Cancel();
        polled.Interrupt();
        Assert.That(async () => await Soon(reading), Throws.InstanceOf<OperationCanceledException>());
        polled.End();
    }

    [Test]
    public async Task A_wait_that_was_interrupted_before_it_began_ends_once()
    {
        (Socket sender, _, PolledSocket polled) = Connect();
        polled.Interrupt();
        await Task.Delay(20);
        await polled.WaitAsync().AsTask().WaitAsync(Deadline.Reaction);
        ValueTask next = polled.WaitAsync();
        Assert.That(next.IsCompleted, Is.False);
        sender.Send("x"u8);
        await next.AsTask().WaitAsync(Deadline.Reaction);
        polled.End();
    }

    [Test]
    public void A_wait_at_a_socket_that_is_cut_ends()
    {
        (_, PolledSocketStream stream, PolledSocket polled) = Connect(out Socket receiver);
        ValueTask<int> reading = stream.ReadAsync(new byte[10]);
        receiver.Close(0);
        polled.Interrupt();
        Assert.That(async () => await Soon(reading), Throws.InstanceOf<ObjectDisposedException>());
        polled.End();
    }

    [Test]
    public async Task A_socket_nobody_reads_now_holds_up_no_other_and_is_read_later()
    {
        (Socket idle, PolledSocketStream later, PolledSocket laterPolled) = Connect();
        (Socket sender, PolledSocketStream stream, PolledSocket polled) = Connect();
        ValueTask<int> first = later.ReadAsync(new byte[1]);
        idle.Send("one byte is read, the others wait"u8);
        Assert.That(await Soon(first), Is.EqualTo(1));
        for (int i = 0; i < 20; i++)
        {
            sender.Send("x"u8);
            Assert.That(await Soon(stream.ReadAsync(new byte[10])), Is.EqualTo(1));
        }
        Assert.That(await Soon(later.ReadAsync(new byte[100])), Is.EqualTo(32));
        laterPolled.End();
        polled.End();
    }

    [Test]
    public async Task Hundreds_of_connections_get_what_was_sent_to_each()
    {
        const int count = 300, messages = 50;
        List<Task<int>> readers = [];
        List<Socket> senders = [];
        for (int i = 0; i < count; i++)
        {
            (Socket sender, PolledSocketStream stream, PolledSocket polled) = Connect();
            senders.Add(sender);
            readers.Add(ReadToEndAsync(stream, polled));
        }
        for (int i = 0; i < messages; i++)
        {
            foreach (Socket sender in senders) sender.Send(new byte[7]);
        }
        foreach (Socket sender in senders) sender.Shutdown(SocketShutdown.Send);
        int[] read = await Task.WhenAll(readers).WaitAsync(Deadline.Reaction);
        Assert.That(read, Is.All.EqualTo(7 * messages));
    }

    private static async Task<int> ReadToEndAsync(PolledSocketStream stream, PolledSocket polled)
    {
        byte[] buffer = new byte[64];
        int total = 0;
        while (await stream.ReadAsync(Memory<byte>.Empty) is var _ && await stream.ReadAsync(buffer) is > 0 and int read) total += read;
        polled.End();
        return total;
    }

    private static Task<int> Soon(ValueTask<int> reading) => reading.AsTask().WaitAsync(Deadline.Reaction);

    private (Socket Sender, PolledSocketStream Stream, PolledSocket Polled) Connect() => Connect(out _);

    private (Socket Sender, PolledSocketStream Stream, PolledSocket Polled) Connect(out Socket receiver)
    {
        using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        listener.Listen();
        Socket sender = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        sender.Connect(listener.LocalEndPoint!);
        receiver = listener.Accept();
        _sockets.AddRange([sender, receiver]);
        PolledSocket polled = new(_loop, receiver.SafeHandle);
        return (sender, new PolledSocketStream(receiver, polled), polled);
    }
}

using System.Net;
using System.Net.Sockets;
using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>
/// A receiver over plain TCP that reads 1.5 KB a second of each connection, to its end. Its buffer is small, so that no more than it
/// reads is acknowledged. Like every program that is slow, it goes on with the connection of a peer that was killed.
/// </summary>
internal sealed class SlowReceiver : IDisposable
{
    private const int BytesAtOnce = 150;
    private const int Buffer = 4096;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = Buffer };
    private readonly CancellationTokenSource _over = new();
    private int _connections;
    private int _framingErrors;

    public SlowReceiver()
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen(128);
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    public Arrivals Arrivals { get; } = new();

    public int Connections => Volatile.Read(ref _connections);

    public int FramingErrors => Volatile.Read(ref _framingErrors);

    public void Dispose()
    {
        _over.Cancel();
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(_over.Token);
                Interlocked.Increment(ref _connections);
                _ = ReadAsync(socket);
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task ReadAsync(Socket socket)
    {
        using Socket own = socket;
        OctetFrameReader frames = new();
        byte[] some = new byte[BytesAtOnce];
        using PeriodicTimer timer = new(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(_over.Token))
            {
                int read = await socket.ReceiveAsync(some, _over.Token);
                if (read == 0) return;
                OctetFeed fed = frames.Feed(some.AsSpan(0, read), Take);
                if (fed == OctetFeed.Open) continue;
                Interlocked.Increment(ref _framingErrors);
                return;
            }
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException)
        {
            // A reset: what had come before it was read first.
        }
    }

    private bool Take(ReadOnlySpan<byte> frame)
    {
        Arrivals.Record(frame);
        return true;
    }
}

using Concentrator.Configuration.Options;
using Concentrator.Ingest.Sockets;
using Concentrator.Telemetry.Log;

namespace Concentrator.Ingest.Datagrams;

/// <summary>One datagram socket, unix or UDP: the socket, its reader and its lane.</summary>
internal sealed class DatagramListener : Listener
{
    private readonly BoundSocket _socket;
    private readonly ReceiveRing _ring;
    private readonly DatagramReader _reader;
    private readonly DatagramLane _lane;

    private DatagramListener(ListenerOptions options, IngestContext context, BoundSocket socket) : base(options, context)
    {
        _socket = socket;
        bool networked = !options.Address.IsUnix;
        int largest = Math.Max(ReceiveRing.LargestDatagram, options.MaxMessageSize + 1);
        _ring = new ReceiveRing(largest, networked, context.Memory, options.Name);
        if (_ring.Left > 0) context.Log.DatagramsRecovered(options.Name, _ring.Left);
        _reader = new DatagramReader(socket.Socket, _ring, DatagramSocket.PaceOf(socket.Socket), Counters, context.Loops, context.Time, context.Log);
        _lane = new DatagramLane(
            _ring, NewLane(), Counters, context.WhenFullBarrier, context.Host, networked, context.Loops,
            dropped => context.Log.KernelDropped(options.Name, dropped), context.Time);
    }

    /// <exception cref="BindException">The path or address is not available.</exception>
    public static DatagramListener Bind(ListenerOptions options, IngestContext context, BoundSocket? before)
    {
        BoundSocket socket = DatagramSocket.Bind(options, context, before);
        try
        {
            return new DatagramListener(options, context, socket);
        }
        catch
        {
            socket.LeavePath();
            socket.Dispose();
            throw;
        }
    }

    public override BoundSocket Socket => _socket;

    public override void Start()
    {
        _lane.Start();
        _reader.Start();
    }

    /// <summary>Gives up the path, reads what the socket still holds, and waits until all of it is queued.</summary>
    public override Task StopAsync(TimeSpan timeout) => Task.Factory.StartNew(
        () =>
        {
            _socket.LeavePath();
            _reader.Stop();
            _lane.Join(timeout);
            _reader.Join();
            Dispose();
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public override Task DiscardAsync()
    {
        _socket.LeavePath();
        Dispose();
        return Task.CompletedTask;
    }

    private void Dispose()
    {
        _socket.Dispose();
        _reader.Dispose();
        _lane.Dispose();
        _ring.Dispose();
    }
}

using System.Net;
using System.Net.Sockets;

namespace Concentrator.Tests.Equipment;

/// <summary>Passes TCP on to a port of 127.0.0.1. It can swallow what comes back, and reset everything, so that acknowledgements are lost.</summary>
internal sealed class CuttingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _target;
    private readonly Lock _gate = new();
    private readonly List<Socket> _open = [];
    private volatile bool _swallows;
    private volatile bool _isOver;

    public CuttingProxy(int target)
    {
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _ = Task.Run(AcceptAsync);
    }

    public int Port { get; }

    /// <summary>Whether what the target sends is thrown away.</summary>
    public bool SwallowsAnswers
    {
        set => _swallows = value;
    }

    /// <summary>Resets all connections in both directions.</summary>
    public void CutAll()
    {
        lock (_gate)
        {
            foreach (Socket socket in _open)
            {
                // A close without lingering is a reset; one that has ended already needs none.
                if (socket.SafeHandle.IsClosed) continue;
                socket.Close(0);
            }
            _open.Clear();
        }
    }

    public void Dispose()
    {
        _isOver = true;
        _listener.Dispose();
        CutAll();
    }

    private async Task AcceptAsync()
    {
        while (!_isOver)
        {
            try
            {
                Socket client = await _listener.AcceptSocketAsync();
                Socket server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                lock (_gate) _open.AddRange([client, server]);
                await server.ConnectAsync(IPAddress.Loopback, _target);
                _ = PassAsync(client, server, isAnswer: false);
                _ = PassAsync(server, client, isAnswer: true);
            }
            catch (Exception end) when (end is SocketException or ObjectDisposedException or InvalidOperationException)
            {
                // Expected: disposed, cut, or nobody at the target.
                if (!_isOver) CutAll();
            }
        }
    }

    private async Task PassAsync(Socket from, Socket to, bool isAnswer)
    {
        byte[] buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.ReceiveAsync(buffer, SocketFlags.None)) > 0)
            {
                for (int sent = 0; sent < read && !(isAnswer && _swallows);) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None);
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Expected: cut.
        }
        from.Dispose();
        to.Dispose();
    }
}

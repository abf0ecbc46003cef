using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Demo;

/// <summary>
/// Stands in for Sekoia's intake: a TLS server on loopback that counts octet-counted frames, and that can go away and come
/// back on the same port.
/// <para>
/// It goes as a service does that is restarted in order: no new connection is accepted, each open one is told that it ends
/// and read to its last byte. A reset would also destroy what its kernel has acknowledged and it has not read; against that
/// no sender of RFC 5425 can be sure (docs/reference/receivers.md, What TCP acknowledges), and what the demo counts must not hang on a race.
/// </para>
/// </summary>
internal sealed class DemoIntake : IAsyncDisposable
{
    private readonly Socket _place = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly X509Certificate2 _certificate;
    private readonly byte[] _keyElement;
    private readonly Example _example;
    private readonly Lock _gate = new();
    private readonly List<IntakeConnection> _connections = [];
    private Socket? _listener;
    private Task _accepting = Task.CompletedTask;

    // Guarded by _gate.
    private readonly NumberTally _tally = new();
    private long _withoutKey;
    private long _brokenStreams;
    private long _connectionCount;

    /// <param name="example">Offered every frame.</param>
    public DemoIntake(DemoDirectory directory, Secret intakeKey, Example example)
    {
        _certificate = X509Certificate2.CreateFromPemFile(directory.CertificateFile, directory.KeyFile);
        _keyElement = Encoding.UTF8.GetBytes($" LOG [SEKOIA@53288 intake_key=\"{intakeKey.Reveal()}\"] ");
        _example = example;

        // Holds the port while nobody listens on it: connecting is refused, and no other program can have it meanwhile.
        _place.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint = (IPEndPoint)_place.LocalEndPoint!;
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Frames so far, duplicates included.</summary>
    public long Frames
    {
        get { lock (_gate) return _tally.Messages; }
    }

    public void Open()
    {
        _listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _listener.Bind(EndPoint);
        _listener.Listen(16);
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Refuses new connections, ends the open ones; completes when the last byte of each has been read.</summary>
    public async Task CloseAsync()
    {
        _listener?.Dispose();
        await _accepting.ConfigureAwait(false);
        IntakeConnection[] open;
        lock (_gate) open = [.. _connections];
        await Task.WhenAll(open.Select(static connection => connection.EndAsync())).ConfigureAwait(false);
    }

    /// <summary>What has arrived, to be asked when all has ended.</summary>
    public IntakeResult Result(IEnumerable<(char Letter, long Sent)> senders)
    {
        lock (_gate) return new IntakeResult(_tally.Against(senders), _withoutKey, _brokenStreams, _connectionCount);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync().ConfigureAwait(false);
        _place.Dispose();
        _certificate.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            try
            {
                Socket accepted = await listener.AcceptAsync().ConfigureAwait(false);
                IntakeConnection connection = new(accepted, _certificate, Take);
                lock (_gate) _connections.Add(connection);
                _ = ServeAsync(connection);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // Expected: we are closed.
                return;
            }
        }
    }

    private async Task ServeAsync(IntakeConnection connection)
    {
        bool understood = await connection.RunAsync().ConfigureAwait(false);
        lock (_gate)
        {
            _connections.Remove(connection);
            if (connection.IsEstablished) _connectionCount++;
            if (!understood) _brokenStreams++;
        }
    }

    private void Take(ReadOnlySpan<byte> frame)
    {
        lock (_gate)
        {
            _tally.Add(frame);
            if (frame.IndexOf(_keyElement) < 0) _withoutKey++;
            _example.OfferFrame(frame);
        }
    }
}

/// <summary>What the intake has counted.</summary>
/// <param name="Frames">By their numbers.</param>
/// <param name="WithoutKey">Frames without the intake key where it belongs.</param>
/// <param name="BrokenStreams">Connections whose octet counts could not be followed.</param>
/// <param name="Connections">TLS connections that the relay has made.</param>
internal sealed record IntakeResult(Arrival Frames, long WithoutKey, long BrokenStreams, long Connections);

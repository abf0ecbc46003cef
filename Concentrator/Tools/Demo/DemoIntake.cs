using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Demo;

/// <summary>
/// Replaces Sekoia's intake: a TLS server on loopback that counts octet-counted frames, and can close and reopen on the same port.
/// <para>
/// It closes as a service does in an orderly restart: it accepts no new connection, announces the end on each open one and reads it to its
/// last byte. A reset would also discard what its kernel has acknowledged and it has not read. No RFC 5425 sender can protect against that
/// (docs/reference/receivers.md, What TCP acknowledges), and the demo's counts must not depend on a race.
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

    /// <param name="example">Receives every frame.</param>
    public DemoIntake(DemoDirectory directory, Secret intakeKey, Example example)
    {
        _certificate = X509Certificate2.CreateFromPemFile(directory.CertificateFile, directory.KeyFile);
        _keyElement = Encoding.UTF8.GetBytes($" LOG [SEKOIA@53288 intake_key=\"{intakeKey.Reveal()}\"] ");
        _example = example;

        // Reserves the port while nothing listens on it: connections are refused, and no other program can bind it.
        _place.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        EndPoint = (IPEndPoint)_place.LocalEndPoint!;
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>Frames received so far, duplicates included.</summary>
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

    /// <summary>Refuses new connections and ends the open ones. Completes when each has been read to its last byte.</summary>
    public async Task CloseAsync()
    {
        _listener?.Dispose();
        await _accepting.ConfigureAwait(false);
        IntakeConnection[] open;
        lock (_gate) open = [.. _connections];
        await Task.WhenAll(open.Select(static connection => connection.EndAsync())).ConfigureAwait(false);
    }

    /// <summary>What has arrived. Call it after everything has ended.</summary>
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
                // Expected: the intake is closing.
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

/// <summary>The intake's counts.</summary>
/// <param name="Frames">The arrived frames, by their numbers.</param>
/// <param name="WithoutKey">Frames that lack the intake key in its place.</param>
/// <param name="BrokenStreams">Connections with invalid octet counting.</param>
/// <param name="Connections">TLS connections established by the relay.</param>
internal sealed record IntakeResult(Arrival Frames, long WithoutKey, long BrokenStreams, long Connections);

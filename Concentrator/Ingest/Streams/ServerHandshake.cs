using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using Concentrator.Configuration.Options;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Streams;

/// <summary>The server side of one connection's TLS handshake. Logs its failures.</summary>
internal sealed class ServerHandshake(ListenerOptions options, ServerTls tls, EndPoint? peer, ILogger log)
{
    private SslProtocols _offered = SslProtocols.None;

    /// <summary>Whether this server cut the connection: a failure is then not the peer's.</summary>
    public required Func<bool> IsCut { get; init; }

    /// <summary>
    /// Runs the handshake. Its timeout starts with the first byte: syslog-ng 3.38 connects when it starts and begins TLS with its first
    /// message, possibly hours later. Until then the connection counts as silent, as one without TLS would.
    /// </summary>
    /// <returns>The decrypted stream; null if there is no connection to read from, which the caller then cuts.</returns>
    public async Task<SslStream?> RunAsync(PolledSocketStream network, CancellationToken listenerStops)
    {
        network.LeavesThread = true;
        try
        {
            await network.ReadAsync(Memory<byte>.Empty, listenerStops).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        SslStream stream = new(network, leaveInnerStreamOpen: false);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(listenerStops);
        deadline.CancelAfter(options.Tls!.HandshakeTimeout);
        try
        {
            await stream.AuthenticateAsServerAsync(Choose, null, deadline.Token).ConfigureAwait(false);
            network.LeavesThread = false;
            return stream;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            if (!listenerStops.IsCancellationRequested && !IsCut()) log.HandshakeFailed(options.Name, peer, Reason(e));
            await stream.DisposeAsync().ConfigureAwait(false);
            return null;
        }
    }

    private ValueTask<SslServerAuthenticationOptions> Choose(
        SslStream stream, SslClientHelloInfo hello, object? state, CancellationToken cancellationToken)
    {
        _offered = hello.SslProtocols;
        return ValueTask.FromResult(tls.CurrentOptions());
    }

    private string Reason(Exception e)
    {
        if (e is OperationCanceledException) return $"not completed within {options.Tls!.HandshakeTimeout.TotalSeconds:0.#} s";
        if (ServerTls.Describe(_offered) is { } versions) return versions;
        return e.InnerException is { } inner ? $"{e.Message} ({inner.Message})" : e.Message;
    }
}

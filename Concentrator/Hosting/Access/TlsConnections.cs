using System.IO.Pipelines;
using System.Net.Security;
using System.Security.Authentication;
using Concentrator.Ingest.Streams;
using Microsoft.AspNetCore.Connections;

namespace Concentrator.Hosting.Access;

/// <summary>
/// TLS before HTTP, as middleware of Kestrel's connection pipeline: Kestrel's own wants a host and its services. The certificate is that of
/// the files, also after they have changed. A client that fails the handshake, or does not complete it in time, loses its connection.
/// </summary>
/// <param name="tls">Shared by all connections.</param>
/// <param name="timeout">Of a handshake.</param>
internal sealed class TlsConnections(ServerTls tls, TimeSpan timeout)
{
    /// <summary>Middleware that calls <paramref name="next"/> with the decrypted connection.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        PipeStream network = new(connection.Transport);
        await using SslStream stream = new(network, leaveInnerStreamOpen: true);
        if (!await ShakeHandsAsync(stream, connection.ConnectionClosed).ConfigureAwait(false)) return;
        IDuplexPipe encrypted = connection.Transport;
        DuplexPipe decrypted = new(PipeReader.Create(stream), PipeWriter.Create(stream));
        connection.Transport = decrypted;
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            await decrypted.Input.CompleteAsync().ConfigureAwait(false);
            await decrypted.Output.CompleteAsync().ConfigureAwait(false);
            connection.Transport = encrypted;
        }
    };

    private async Task<bool> ShakeHandsAsync(SslStream stream, CancellationToken closed)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(closed);
        deadline.CancelAfter(timeout);
        try
        {
            await stream.AuthenticateAsServerAsync(tls.CurrentOptions(), deadline.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client's fault, which it sees itself; anyone may knock, so it is not logged.
            return false;
        }
    }

    private sealed record DuplexPipe(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}

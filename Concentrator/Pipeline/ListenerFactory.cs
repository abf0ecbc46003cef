using Concentrator.Configuration.Options;
using Concentrator.Ingest;
using Concentrator.Ingest.Datagrams;
using Concentrator.Ingest.JetStream;
using Concentrator.Ingest.Sockets;
using Concentrator.Ingest.Streams;

namespace Concentrator.Pipeline;

/// <summary>Makes the kind of listener that a transport needs: the one place where all of them are listed.</summary>
internal sealed class ListenerFactory(IngestContext context, StreamContext streams)
{
    /// <summary>Binds a listener; nothing is read yet.</summary>
    /// <param name="options">The listener to bind.</param>
    /// <param name="before">
    /// The socket of a running listener that is leaving and has the same abstract name. It is shared, so that the name is never without
    /// a socket. Null for all others.
    /// </param>
    /// <exception cref="BindException">The path or address cannot be bound, or another system call failed.</exception>
    public Listener Bind(ListenerOptions options, BoundSocket? before)
    {
        try
        {
            if (options.Nats is { } nats)
                return new NatsListener(options, context, new NatsSessions(options.Name, options.Address.Servers!, nats.Credentials, nats.Tls, context.Time, context.Log));
            return options.Address.IsDatagram
                ? DatagramListener.Bind(options, context, before)
                : StreamListener.Bind(options, context, streams, before);
        }
        catch (Exception e) when (e is not BindException)
        {
            throw new BindException(options.Name, options.Address.ToString(), e.Message);
        }
    }
}

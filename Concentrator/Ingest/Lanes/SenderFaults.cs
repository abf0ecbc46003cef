using System.Collections.Concurrent;
using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;
using Concentrator.Routing;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Lanes;

/// <summary>
/// Reports faults of a sender as a whole rather than of one message, once for each address of a listener; all senders at a unix socket
/// count as one. Any thread may call. Beyond <see cref="Most"/> reports it forgets them all, which bounds its memory.
/// </summary>
internal sealed class SenderFaults(ListenerOptions options, ILogger log)
{
    private const int Most = 1000;

    private readonly ConcurrentDictionary<(SenderAddress Sender, ForeignProtocol Protocol), bool> _said = new();

    /// <summary>Inspects the first bytes of a connection.</summary>
    public void Hear(SenderAddress sender, EndPoint? peer, ReadOnlySpan<byte> first)
    {
        ForeignProtocol protocol = ForeignBytes.Recognize(first);
        if (protocol != ForeignProtocol.None && IsFirst(sender, protocol)) log.ForeignProtocol(options.Name, peer, Hint(protocol));
    }

    /// <summary>Reports that a message was cut, or contains another one, on a connection that has sent neither LF nor NUL.</summary>
    public void SayNoSeparator(SenderAddress sender, EndPoint? peer)
    {
        if (IsFirst(sender, ForeignProtocol.None)) log.NoSeparator(options.Name, peer, options.MaxMessageSize);
    }

    private static string Hint(ForeignProtocol protocol) => protocol switch
    {
        ForeignProtocol.Tls => "starts a TLS handshake, but this listener is not tls: send to a tls listener",
        ForeignProtocol.Http => "sends HTTP requests, but this listener accepts only syslog",
        ForeignProtocol.ProxyProtocol => "sends a PROXY protocol header, which is not supported: remove send-proxy",
        _ => "sends compressed data, which is not supported: in rsyslog set compression.mode=\"none\"",
    };

    private bool IsFirst(SenderAddress sender, ForeignProtocol protocol)
    {
        if (!_said.TryAdd((sender, protocol), true)) return false;
        if (_said.Count > Most) _said.Clear();
        return true;
    }
}

using System.Collections.Concurrent;
using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;
using Concentrator.Routing;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Lanes;

/// <summary>
/// What is wrong with a sender as a whole, not with one message: said once for each address of one listener; senders at a unix socket count
/// as one. Any thread. Beyond <see cref="Most"/> it forgets what it has said, so that no number of addresses costs more memory than that.
/// </summary>
internal sealed class SenderFaults(ListenerOptions options, ILogger log)
{
    private const int Most = 1000;

    private readonly ConcurrentDictionary<(SenderAddress Sender, ForeignProtocol Protocol), bool> _said = new();

    /// <summary>The first bytes of a connection.</summary>
    public void Hear(SenderAddress sender, EndPoint? peer, ReadOnlySpan<byte> first)
    {
        ForeignProtocol protocol = ForeignBytes.Recognize(first);
        if (protocol != ForeignProtocol.None && IsFirst(sender, protocol)) log.ForeignProtocol(options.Name, peer, Hint(protocol));
    }

    /// <summary>A message was cut, or holds another one, on a connection that has brought neither LF nor NUL.</summary>
    public void SayNoSeparator(SenderAddress sender, EndPoint? peer)
    {
        if (IsFirst(sender, ForeignProtocol.None)) log.NoSeparator(options.Name, peer, options.MaxMessageSize);
    }

    private static string Hint(ForeignProtocol protocol) => protocol switch
    {
        ForeignProtocol.Tls => "begins a TLS handshake, and this listener takes none here: send to a tls listener",
        ForeignProtocol.Http => "sends HTTP requests, and this listener takes syslog only",
        ForeignProtocol.ProxyProtocol => "begins with the PROXY protocol, which is not read here: leave out send-proxy",
        _ => "sends compressed bytes, which are not unpacked here: in rsyslog set compression.mode=\"none\"",
    };

    private bool IsFirst(SenderAddress sender, ForeignProtocol protocol)
    {
        if (!_said.TryAdd((sender, protocol), true)) return false;
        if (_said.Count > Most) _said.Clear();
        return true;
    }
}

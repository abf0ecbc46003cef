using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text.Json;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages.FrameScanning;
using Concentrator.Messages.Parsing;
using Concentrator.Tools.Rehearsal;
using Concentrator.Tools.Taps;

namespace Concentrator.Tools.Trace;

/// <summary>A listener of the running server that a traced message is sent to.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">The address that it is bound to.</param>
/// <param name="Framing">How it expects messages to be delimited.</param>
/// <param name="Format">The header that it expects.</param>
internal sealed record TracedListener(string Name, ListenAddress Address, Framing Framing, HeaderFormat Format)
{
    /// <summary>Finds the listener in the server's first line.</summary>
    /// <param name="hello">That line.</param>
    /// <param name="name">Its name; null = the first on a unix datagram socket, where HAProxy usually logs, else the first of all.</param>
    /// <exception cref="TapException">There is none.</exception>
    public static TracedListener Find(JsonElement hello, string? name)
    {
        TracedListener[] all = [.. hello.GetProperty("listeners").EnumerateArray().Select(Read).OfType<TracedListener>().Where(static listener => listener.Address.Transport != Transport.Nats)];
        TracedListener? found = name is not null
            ? Array.Find(all, listener => listener.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            : Array.Find(all, static listener => listener.Address.Transport == Transport.UnixDatagram) ?? all.FirstOrDefault();
        return found ?? throw new TapException(name is null
            ? "the running server has no listener with a socket to send to"
            : $"the running server has no listener \"{name}\"; it has {string.Join(", ", all.Select(static listener => listener.Name))}");
    }

    /// <summary>Sends one message as a sender of this kind does.</summary>
    /// <exception cref="TapException">The listener does not take it.</exception>
    public void Send(ReadOnlySpan<byte> message)
    {
        try
        {
            using MessageSender sender = Address.IsDatagram
                ? new DatagramSender(EndPoint)
                : StreamSender.Connect(EndPoint, Framing is Framing.OctetCounted or Framing.Nul ? Framing : Framing.Lf, Tls());
            sender.Send(message);
            (sender as StreamSender)?.FinishSending();
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or AggregateException)
        {
            throw new TapException($"cannot send to listener {Name} at {Address}: {(e.InnerException ?? e).Message}");
        }
    }

    /// <summary>Where to send to: a listener on every address is reached at the loopback one.</summary>
    private EndPoint EndPoint => Address switch
    {
        { Path: { } path } => new UnixDomainSocketEndPoint(path),
        { Abstract: { } name } => name.EndPoint,
        { EndPoint: { } network } when network.Address.Equals(IPAddress.Any) => new IPEndPoint(IPAddress.Loopback, network.Port),
        { EndPoint: { } network } when network.Address.Equals(IPAddress.IPv6Any) => new IPEndPoint(IPAddress.IPv6Loopback, network.Port),
        _ => Address.EndPoint!,
    };

    /// <summary>The certificate is not checked: the message says nothing that anybody must not know, and its arrival is seen at the tap.</summary>
    private SslClientAuthenticationOptions? Tls() => Address.Transport != Transport.Tls ? null : new SslClientAuthenticationOptions
    {
        TargetHost = "localhost",
        RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null,
    };

    private static TracedListener? Read(JsonElement listener) =>
        ListenAddressParser.Parse(listener.GetProperty("address").GetString() ?? "").TryGet(out ListenAddress? address, out _) && address is not null
            ? new TracedListener(
                listener.GetProperty("name").GetString() ?? "", address,
                Enum.TryParse(listener.GetProperty("framing").GetString(), out Framing framing) ? framing : Framing.Auto,
                Enum.TryParse(listener.GetProperty("format").GetString(), out HeaderFormat format) ? format : HeaderFormat.Auto)
            : null;
}

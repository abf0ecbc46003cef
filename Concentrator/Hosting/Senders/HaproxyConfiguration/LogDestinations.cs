using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Native;

namespace Concentrator.Hosting.Senders.HaproxyConfiguration;

/// <summary>The destinations of HAProxy's log lines, as far as this host can tell. Host names are not resolved.</summary>
/// <param name="config">The configuration that HAProxy has read.</param>
/// <param name="listeners">The server's listeners.</param>
/// <param name="root">HAProxy's root directory, seen from outside; empty when it has none of its own.</param>
/// <param name="eyes">The prefix that resolves its paths as it sees them; null when it does not run.</param>
/// <param name="sharesNetwork">Whether HAProxy is in this network namespace. If not, its loopback and abstract names are its own.</param>
/// <param name="own">The addresses of this host.</param>
internal sealed class LogDestinations(
    HaproxyConfig config, IReadOnlyList<ListenerOptions> listeners, string root, string? eyes, bool sharesNetwork, IReadOnlyList<IPAddress> own)
{
    public string Root { get; } = root;

    /// <summary>The destinations of a line: one, or each server of its ring or backend. None for a ring without servers.</summary>
    public IReadOnlyList<LogEnd> Of(HaproxyLogDirective log) => [.. config.EndsOf(log).Select(end => End(end.Address))];

    /// <summary>Whether the line, or a server of its ring or backend, leads to a listener.</summary>
    public bool IsOurs(HaproxyLogDirective log) => Of(log).Any(static end => end.Listener is not null);

    public bool IsOurs(HaproxyServer server) => End(server.Where).Listener is not null;

    /// <summary>The listeners that octet-counted rings or backends lead to; all when the configuration could not be read.</summary>
    /// <remarks>Compares ports only: a HAProxy in another network namespace may reach this host under any address.</remarks>
    public IReadOnlyList<ListenerOptions> BehindOctetCounts()
    {
        int?[] ports = [.. config.Sections.Where(static section => section.IsRelay).SelectMany(static section => section.Servers)
            .Where(static server => server.IsCounted).Select(static server => server.Where.Port)];
        return config.Files.Count == 0 ? listeners : [.. listeners.Where(listener => listener.Address.EndPoint is { } end && ports.Contains(end.Port))];
    }

    /// <summary>
    /// Whether datagrams to a path reach nobody: nothing is there, or a socket whose reader has ended. False when that cannot be seen.
    /// A path that was written as seen from outside the root is another fault, and not judged here.
    /// </summary>
    public bool IsDead(string path)
    {
        if (eyes is null || FileCalls.Identify(eyes) is null || (Root.Length > 0 && path.StartsWith($"{Root}/", StringComparison.Ordinal))) return false;
        if (FileCalls.Identify(eyes + path) is not { IsSocket: true }) return true;
        using Socket probe = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            // Connecting sends nothing, and the kernel refuses it when nobody holds the other end.
            probe.Connect(new UnixDomainSocketEndPoint(eyes + path));
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ProtocolType;
        }
    }

    /// <summary>The address that would lead to a listener by datagrams, preferably a unix socket; null when none can be reached.</summary>
    public string? Wanted() =>
        listeners.Where(static listener => listener.Address.IsDatagram).OrderBy(static listener => listener.Address.EndPoint is null ? 0 : 1)
            .Select(AddressOf).FirstOrDefault(static address => address is not null);

    private string? AddressOf(ListenerOptions listener) => listener.Address switch
    {
        { Path: { } path } => path.StartsWith($"{Root}/", StringComparison.Ordinal) ? path[Root.Length..] : null,
        _ when !sharesNetwork => null,
        { Abstract: { } name } => name.ToString(),
        { EndPoint: { } end } => new IPEndPoint(ListenAddress.IsAny(end.Address) ? IPAddress.Loopback : end.Address, end.Port).ToString(),
        _ => null,
    };

    private LogEnd End(HaproxyAddress address)
    {
        bool isHere = address.Path is not null || address.Abstract is not null || (sharesNetwork && address.Ip is { } ip && (IPAddress.IsLoopback(ip) || own.Contains(ip)));
        ListenerOptions? listener = isHere ? listeners.FirstOrDefault(one => one.Address.IsDatagram != address.IsStream && Leads(address, one.Address)) : null;
        return new LogEnd(address, isHere, listener);
    }

    /// <summary>Compares device and inode, because a path may be a link, or a directory may be mounted into a container.</summary>
    private bool IsSame(string its, string ours) => eyes is not null && FileCalls.Identify(eyes + its) is { } file && FileCalls.Identify(ours) == file;

    private bool Leads(HaproxyAddress from, ListenAddress to)
    {
        if (from.Path is not null) return to.Path is not null && (to.Path == Root + from.Path || IsSame(from.Path, to.Path));
        if (from.Abstract is not null) return sharesNetwork && from.Abstract.IsSame(to.Abstract);
        return to.EndPoint is { } end && end.Port == (from.Port ?? HaproxyAddress.SyslogPort)
            && (end.Address.Equals(from.Ip) || end.Address.Equals(IPAddress.IPv6Any)
                || (end.Address.Equals(IPAddress.Any) && from.Ip!.AddressFamily == AddressFamily.InterNetwork));
    }
}

/// <summary>A destination of a log line, or of a server that it leads through.</summary>
/// <param name="Address">The address as written.</param>
/// <param name="IsHere">Whether the destination can only be on this host.</param>
/// <param name="Listener">The listener at that address; null for none.</param>
internal sealed record LogEnd(HaproxyAddress Address, bool IsHere, ListenerOptions? Listener);

using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>Where HAProxy's log lines lead, as far as this host can tell: names are not looked up.</summary>
/// <param name="config">What HAProxy has read.</param>
/// <param name="listeners">Ours.</param>
/// <param name="root">HAProxy's root directory, seen from outside; empty where it has none of its own.</param>
/// <param name="eyes">What its paths have to be put behind to see what it sees; null where it does not run.</param>
/// <param name="sharesNetwork">Whether HAProxy lives in this network namespace: else its loopback and its abstract names are not ours.</param>
/// <param name="own">This host's addresses.</param>
internal sealed class LogDestinations(
    HaproxyConfig config, IReadOnlyList<ListenerOptions> listeners, string root, string? eyes, bool sharesNetwork, IReadOnlyList<IPAddress> own)
{
    public string Root { get; } = root;

    /// <summary>The ends of a line: one, or each server of its ring or backend. None for a ring without servers.</summary>
    public IReadOnlyList<LogEnd> Of(HaproxyLog log) => [.. config.EndsOf(log).Select(end => End(end.Address))];

    /// <summary>Whether the line, or a server of its ring or backend, leads to a listener of ours.</summary>
    public bool IsOurs(HaproxyLog log) => Of(log).Any(static end => end.Listener is not null);

    public bool IsOurs(HaproxyServer server) => End(server.Where).Listener is not null;

    /// <summary>The listeners to which a ring or backend with octet counts leads; all where nobody could read the configuration.</summary>
    /// <remarks>By the port alone: a HAProxy with a network of its own names this host as it likes.</remarks>
    public IReadOnlyList<ListenerOptions> BehindOctetCounts()
    {
        int?[] ports = [.. config.Sections.Where(static section => section.IsRelay).SelectMany(static section => section.Servers)
            .Where(static server => server.IsCounted).Select(static server => server.Where.Port)];
        return config.Files.Count == 0 ? listeners : [.. listeners.Where(listener => listener.Address.EndPoint is { } end && ports.Contains(end.Port))];
    }

    /// <summary>
    /// Whether datagrams to a path reach nobody: nothing is there, or a socket whose reader has ended. False where that cannot be seen. A path
    /// that was written as it is outside of the root is <see cref="ChrootViewCheck"/>'s.
    /// </summary>
    public bool IsDead(string path)
    {
        if (eyes is null || FileCalls.Identify(eyes) is null || (Root.Length > 0 && path.StartsWith($"{Root}/", StringComparison.Ordinal))) return false;
        if (FileCalls.Identify(eyes + path) is not { IsSocket: true }) return true;
        using Socket probe = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            // Connecting sends nothing, and the kernel tells whether anybody holds the other end.
            probe.Connect(new UnixDomainSocketEndPoint(eyes + path));
            return false;
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ProtocolType;
        }
    }

    /// <summary>What a log line would have to say to lead to one of our listeners by datagrams, a unix socket first; null where none can be reached so.</summary>
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

    /// <summary>By device and inode: a path may be a link, or a directory of ours be mounted in a container.</summary>
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

/// <summary>Where a log line, or a server that it leads through, sends to.</summary>
/// <param name="Address">As it is written.</param>
/// <param name="IsHere">Whether it can only be on this host.</param>
/// <param name="Listener">Ours that has it; null for none.</param>
internal sealed record LogEnd(HaproxyAddress Address, bool IsHere, ListenerOptions? Listener);

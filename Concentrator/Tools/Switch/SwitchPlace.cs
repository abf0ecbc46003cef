using System.Net.Sockets;
using Concentrator.Configuration.Options;
using Concentrator.Hosting.Senders.HaproxyConfiguration;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tools.Switch;

/// <summary>The socket to switch to.</summary>
/// <param name="Chroot">HAProxy's chroot, as the host sees it; <c>/</c> = none.</param>
/// <param name="Address">The address in HAProxy's log line: a path inside the chroot, or <c>abns@NAME</c>.</param>
/// <param name="IsOwnName">Whether no log line leads there yet, so that the log lines must change.</param>
internal sealed record SwitchPlace(string Chroot, string Address, bool IsOwnName)
{
    public const string NoChroot = "/";

    /// <summary>The abstract name; null = the address is a path.</summary>
    public AbstractName? Abstract { get; } = AbstractName.TryParse(Address);

    /// <summary>Whether another program may hold the path until the switch, and must release it.</summary>
    public bool IsContended => Abstract is null && !IsOwnName;

    /// <summary>The path as the host sees it.</summary>
    public string HostPath => Chroot.TrimEnd('/') + Address;

    /// <summary>Whether a log line leads there.</summary>
    public bool IsOf(HaproxyLogDirective log) =>
        Abstract is { } name ? !log.IsImplicitRing && name.IsSame(log.Abstract) : log.SocketPath == Address;

    /// <summary>Whether a listener has this address.</summary>
    public bool IsOf(ListenerOptions listener) => listener.Address is { Transport: Transport.UnixDatagram } address
        && (Abstract is { } name ? name.IsSame(address.Abstract) : address.Path == HostPath);

    /// <summary>The socket as seen through a worker's root and mounts.</summary>
    public UnixDomainSocketEndPoint SeenBy(HaproxyProcess worker) => Abstract?.EndPoint ?? new UnixDomainSocketEndPoint(worker.Root + Address);

    public static string ChrootOf(HaproxyConfig config) => config.Chroot?.TrimEnd('/') is { Length: > 0 } directory ? directory : NoChroot;

    /// <summary>The listeners that HAProxy can reach. Those that it already sends to come first, and paths before abstract names.</summary>
    public static SwitchPlace[] All(HaproxyConfig config, ServerOptions options) =>
    [
        .. options.Listeners.Select(listener => Of(listener.Address, ChrootOf(config))).OfType<SwitchPlace>()
            .Select(place => place with { IsOwnName = !config.Logs.Any(place.IsOf) })
            .OrderBy(static place => place.IsOwnName).ThenBy(static place => place.Abstract is not null),
    ];

    private static SwitchPlace? Of(ListenAddress address, string chroot) => address switch
    {
        { Transport: not Transport.UnixDatagram } => null,
        { Abstract: { } name } => new SwitchPlace(chroot, name.ToString(), IsOwnName: false),
        { Path: { } path } when chroot != NoChroot && path.StartsWith(chroot + "/", StringComparison.Ordinal) => new SwitchPlace(chroot, path[chroot.Length..], IsOwnName: false),
        _ => null,
    };

    public override string ToString() => Abstract is null && Chroot != NoChroot ? $"{Address} in {Chroot}" : Address;
}

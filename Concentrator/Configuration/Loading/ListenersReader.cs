using System.Net;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads <c>Listeners</c>.</summary>
internal static class ListenersReader
{
    public const string Section = "Listeners";

    private const int LeastMessage = 480;
    private const int MostDatagram = 1024 * 1024;
    private const int MostStreamMessage = 16 * 1024 * 1024;
    private const int LeastReceiveBuffer = 4 * 1024;
    private const int MostReceiveBuffer = 1024 * 1024 * 1024;
    private const int MostConnections = 1_000_000;
    private static readonly TimeSpan MostIdle = TimeSpan.FromDays(30);

    /// <summary>
    /// All valid listeners. <paramref name="names"/> includes the invalid ones, so that routes may name them without a second error.
    /// </summary>
    public static IReadOnlyList<ListenerOptions> Read(SectionReader server, out IReadOnlyList<string> names)
    {
        IReadOnlyList<SectionReader> sections = server.RequiredObjects(Section, "add at least one listener, "
            + "for example \"Listeners\": { \"haproxy\": { \"Address\": \"unix-dgram:/var/lib/haproxy/dev/log\" } }");
        names = [.. sections.Select(section => section.Name)];
        List<ListenerOptions> listeners = [];
        foreach (SectionReader section in sections)
        {
            Names.Check(section, Section);
            if (ReadOne(section) is ListenerOptions listener)
            {
                CheckAddressIsFree(section, listener, listeners);
                listeners.Add(listener);
            }
        }
        return listeners;
    }

    private static ListenerOptions? ReadOne(SectionReader section)
    {
        string? text = section.Required(
            "Address", "write where to listen, for example \"unix-dgram:/var/lib/haproxy/dev/log\" or \"udp://0.0.0.0:514\"");
        ListenAddress? address = text is null ? null : section.Value("Address", ListenAddressParser.Parse, null);
        if (address is null)
        {
            // Which keys apply depends on the address; without it only their spelling can be checked.
            section.Know("Framing", "Format", "Mode", "Owner", "Group", "Takeover", "MaxMessageSize",
                "MaxConnections", "MaxConnectionsPerAddress", "IdleTimeout", "ReceiveBuffer", "Insight", "StatsSocket", "Tls");
            section.Know(NatsListenerReader.Keys);
            section.Finish();
            return null;
        }
        ListenerOptions defaults = new() { Name = section.Name, Address = address };
        bool unix = address.IsUnix;
        bool stream = address.IsStream;
        bool isNats = address.Transport == Transport.Nats;
        bool Applies(string key, bool applies, string where)
        {
            if (!applies)
            {
                section.Refuse(key, $"applies to {where} only, but this listener is {address}");
            }
            return applies;
        }
        bool AppliesToFile(string key, string why = "and any process in its network namespace may send to it")
        {
            if (address.Abstract is null) return Applies(key, unix, "unix sockets");
            section.Refuse(key, $"applies to sockets with a path only, but this listener is {address}: an abstract socket is not a file, {why}");
            return false;
        }
        if (!isNats) NatsListenerReader.Refuse(section, address);
        ListenerOptions listener = defaults with
        {
            Format = section.Value("Format", Choices.HeaderFormat.Parse, defaults.Format),
            MaxMessageSize = ReadMaxMessageSize(section, stream || isNats),
            Framing = Applies("Framing", stream, "streams (unix-stream, tcp, tls)")
                ? section.Value("Framing", Choices.Framing.Parse, defaults.Framing)
                : defaults.Framing,
            MaxConnections = Applies("MaxConnections", stream, "streams (unix-stream, tcp, tls)")
                ? section.Value("MaxConnections", text => WholeNumber.Parse(text, 1, MostConnections), defaults.MaxConnections)
                : defaults.MaxConnections,
            MaxConnectionsPerAddress = Applies("MaxConnectionsPerAddress", stream && !unix, "tcp and tls")
                ? section.Value("MaxConnectionsPerAddress", text => WholeNumber.Parse(text, 1, MostConnections), defaults.MaxConnectionsPerAddress)
                : defaults.MaxConnectionsPerAddress,
            IdleTimeout = Applies("IdleTimeout", stream, "streams (unix-stream, tcp, tls)")
                ? section.Value("IdleTimeout", text => Duration.Parse(text, MostIdle), defaults.IdleTimeout)
                : defaults.IdleTimeout,
            Mode = AppliesToFile("Mode") ? section.Value("Mode", FileModeParser.Parse, defaults.Mode) : defaults.Mode,
            Owner = AppliesToFile(AccountReader.OwnerKey) ? AccountReader.Owner(section) : null,
            Group = AppliesToFile(AccountReader.GroupKey) ? AccountReader.Group(section) : null,
            Takeover = AppliesToFile("Takeover", "and its name cannot be taken from the process that holds it") && section.Value("Takeover", Choices.Switch.Parse, defaults.Takeover),
            ReceiveBuffer = Applies("ReceiveBuffer", address.Transport == Transport.Udp, "udp")
                ? (int)section.Value(
                    "ReceiveBuffer", text => ByteSize.Parse(text, LeastReceiveBuffer, MostReceiveBuffer), defaults.ReceiveBuffer)
                : defaults.ReceiveBuffer,
            Insight = section.Value("Insight", Choices.Switch.Parse, defaults.Insight),
            StatsSocket = section.Value("StatsSocket", StatsSocketParser.Parse, defaults.StatsSocket),
            Tls = !isNats && Applies("Tls", address.Transport == Transport.Tls, "tls") ? ServerTlsReader.Read(section, "a tls listener needs") : null,
            Nats = isNats ? NatsListenerReader.Read(section) : null,
        };
        section.Finish();
        return isNats && listener.Nats is null ? null : listener;
    }

    private static int ReadMaxMessageSize(SectionReader section, bool stream)
    {
        int most = stream ? MostStreamMessage : MostDatagram;
        int fallback = stream ? ListenerOptions.DefaultStreamSize : ListenerOptions.DefaultDatagramSize;
        return (int)section.Value("MaxMessageSize", text => ByteSize.Parse(text, LeastMessage, most), fallback);
    }

    private static void CheckAddressIsFree(SectionReader section, ListenerOptions listener, List<ListenerOptions> earlier)
    {
        if (earlier.Find(other => Collide(other.Address, listener.Address)) is ListenerOptions taken)
        {
            section.Error("Address", $"{listener.Address} is already used by listener {Problem.Quote(taken.Name)} ({taken.Address}); "
                + "choose another");
        }
    }

    /// <summary>
    /// Both kinds of unix socket share the file system but not the abstract namespace; tcp and tls share the ports. Port 0 never
    /// collides.
    /// </summary>
    private static bool Collide(ListenAddress a, ListenAddress b) =>
        a.IsUnix || b.IsUnix
            ? (a.Path is not null && a.Path == b.Path) || a.IsSameAbstract(b)
            : (a.Transport == Transport.Udp) == (b.Transport == Transport.Udp) && a.EndPoint is { Port: not 0 } && a.EndPoint.Equals(b.EndPoint);

    /// <summary>The stream listener at this address, or null.</summary>
    public static ListenerOptions? FindTcp(IEnumerable<ListenerOptions> listeners, IPEndPoint address) =>
        listeners.FirstOrDefault(listener => Collide(listener.Address, new ListenAddress(Transport.Tcp, null, address)));
}

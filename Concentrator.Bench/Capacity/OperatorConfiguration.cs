using System.Globalization;
using System.Net;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Programs;
using Concentrator.Bench.Sink;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Capacity;

/// <summary>
/// The operator's configuration, changed only as needed to leave the host untouched: sockets move to the working directory and to free
/// ports, files and the spool to that directory, and relays to a local sink.
/// </summary>
internal sealed class OperatorConfiguration
{
    private readonly string _file;
    private readonly List<string> _overrides = [];

    /// <param name="mayPublish">Whether outputs of type nats stay as they are: the bench has written them, for a cluster of its own.</param>
    /// <exception cref="UnusableException">The configuration is invalid, or has an output that the sink cannot replace.</exception>
    public OperatorConfiguration(string file, bool mayPublish = false)
    {
        // The server runs in another working directory.
        _file = Path.GetFullPath(file);
        ConfigurationEnvironment nothing = new(new Dictionary<string, string>(), file);
        ConfigurationResult result = ConfigurationLoader.Load(file, [], nothing);
        if (!result.IsValid) throw new UnusableException(string.Join("; ", result.Errors));
        Options = result.Options;
        if (Options.Outputs.OfType<RelayOutputOptions>().FirstOrDefault(relay => relay.Protocol != RelayProtocol.Syslog && !(mayPublish && relay.Nats is not null)) is { } other)
        {
            throw new UnusableException($"{file}: Outputs:{other.Name} is of type {other.Type}, which the sink does not support; "
                + $"measure with {RelayOutputOptions.TypeOf(RelayProtocol.Syslog, other.Tls is not null)} instead, or without it");
        }
        if (Options.Listeners.FirstOrDefault(static listener => listener.Nats is not null) is { } nats)
            throw new UnusableException($"{file}: Listeners:{nats.Name} fetches from a stream, which the load does not fill; measure with a socket instead, or without it");
    }

    /// <summary>The options as the operator wrote them.</summary>
    public ServerOptions Options { get; }

    /// <summary>The present address of each listener.</summary>
    public IReadOnlyDictionary<string, EndPoint> Targets { get; private set; } = new Dictionary<string, EndPoint>();

    public int MonitoringPort { get; private set; }

    /// <summary>Chooses new paths and ports for one start of the server.</summary>
    /// <param name="directory">The directory for sockets, files and the spool.</param>
    public void Move(string directory, SinkServer secure, SinkServer plain, string caFile)
    {
        _overrides.Clear();
        Dictionary<string, EndPoint> targets = [];
        foreach (ListenerOptions listener in Options.Listeners)
        {
            EndPoint target = listener.Address.IsUnix
                ? new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(directory, $"{targets.Count}.sock"))
                : new IPEndPoint(IPAddress.Loopback, FreePort.Next());
            targets.Add(listener.Name, target);
            string address = (listener.Address.IsUnix
                ? listener.Address with { Path = target.ToString(), Abstract = null }
                : listener.Address with { EndPoint = (IPEndPoint)target }).ToString();
            Set($"Listeners:{listener.Name}:Address", address);
            KeepOwn($"Listeners:{listener.Name}", listener.Owner, listener.Group);
        }
        Targets = targets;
        foreach (OutputOptions output in Options.Outputs)
        {
            string path = $"Outputs:{output.Name}";
            if (output is FileOutputOptions file)
            {
                Set($"{path}:Path", Path.Combine(directory, $"{output.Name}.out"));
                KeepOwn(path, file.Owner, file.Group);
            }
            else if (output is RelayOutputOptions { Nats: null } relay)
            {
                IPEndPoint sink = relay.Tls is null ? plain.EndPoint : secure.EndPoint;
                Set($"{path}:Endpoint", sink.ToString());
                if (relay.Tls is null) continue;
                Set($"{path}:Tls:CaFile", caFile);
                Set($"{path}:Tls:ServerName", ThrowAwayCertificate.ServerName);
            }
        }
        Set("Spool:Directory", Path.Combine(directory, "spool"));
        MonitoringPort = FreePort.Next();
        Set("Monitoring:Address", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{MonitoringPort}"));
    }

    public ChildProcess Start(ServerBinary binary, string directory) => binary.Start(_file, _overrides, directory);

    private void Set(string key, string value) => _overrides.Add($"--{key}={value}");

    /// <summary>Replaces owners that only root can set by the current user.</summary>
    private void KeepOwn(string path, string? owner, string? group)
    {
        // By number, because a container may not know its user's name.
        if (owner is not null) Set($"{path}:Owner", OwnNumber("Uid:"));
        if (group is not null) Set($"{path}:Group", OwnNumber("Gid:"));
    }

    private static string OwnNumber(string key) =>
        File.ReadLines("/proc/self/status").First(line => line.StartsWith(key, StringComparison.Ordinal)).Split('\t')[2];
}

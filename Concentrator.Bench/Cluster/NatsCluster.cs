using System.Globalization;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;

namespace Concentrator.Bench.Cluster;

/// <summary>Three nats-servers on this machine as one cluster of JetStream, their streams in files. They end on Dispose.</summary>
internal sealed class NatsCluster : IDisposable
{
    /// <summary>The servers, and the replicas of the stream.</summary>
    public const int Size = 3;

    private const string Program = "nats-server";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(10);

    private readonly List<ChildProcess> _servers = [];

    /// <param name="directory">For configurations and streams: the disk to measure.</param>
    /// <exception cref="UnusableException">nats-server is not installed, or the cluster does not start.</exception>
    public NatsCluster(BenchDirectory directory)
    {
        string program = Find();
        Version = VersionOf(program);
        int[] routes = [.. Enumerable.Range(0, Size).Select(static _ => FreePort.Next())];
        Ports = [.. routes.Select(static _ => FreePort.Next())];
        string all = string.Join(", ", routes.Select(static port => Text($"nats://127.0.0.1:{port}")));
        for (int i = 0; i < Size; i++)
        {
            string place = directory.Fresh(Text($"nats{i + 1}"));
            string file = Path.Combine(place, "nats.conf");
            File.WriteAllText(file, Text($$"""
                server_name: n{{i + 1}}
                host: 127.0.0.1
                port: {{Ports[i]}}
                jetstream { store_dir: "{{place}}", max_mem: 64MB, max_file: 100GB }
                cluster { name: bench, listen: 127.0.0.1:{{routes[i]}}, routes: [{{all}}] }

                """));
            _servers.Add(new ChildProcess(program, ["-c", file], place));
        }
        _servers[0].WaitUntilReadyOrDispose(() => BenchStream.IsJetStreamReady(Ports[0]), StartLimit, "the cluster elects no leader", this);
    }

    /// <summary>Of nats-server, as it says it.</summary>
    public string Version { get; }

    /// <summary>The clients' ports on 127.0.0.1.</summary>
    public IReadOnlyList<int> Ports { get; }

    /// <summary>The servers' addresses for clients.</summary>
    public IReadOnlyList<string> Addresses => [.. Ports.Select(static port => Text($"127.0.0.1:{port}"))];

    /// <summary>The path of nats-server.</summary>
    /// <exception cref="UnusableException">It is not installed.</exception>
    public static string Find() => InstalledProgram.Find(Program)
        ?? throw new UnusableException($"--nats: {Program} is not in PATH; install it (Debian: apt-get install {Program})");

    /// <summary>Measures what the servers use from now on, each for itself.</summary>
    public ProcessMeter[] Measure() => [.. _servers.Select(static server => new ProcessMeter(server.Pid))];

    public void Dispose()
    {
        foreach (ChildProcess server in _servers)
        {
            server.Terminate(StopLimit);
            server.Dispose();
        }
    }

    private static string VersionOf(string program)
    {
        (int exitCode, IReadOnlyList<string> lines) = ChildProcess.Run(program, ["--version"], TimeSpan.FromSeconds(10));
        return exitCode == 0 && lines.Count > 0 ? lines[0] : throw new UnusableException($"{program} is not nats-server: --version prints nothing");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

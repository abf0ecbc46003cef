using System.Globalization;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A real nats-server with JetStream on 127.0.0.1, alone or as one of a <see cref="NatsCluster"/>. It may be killed and started again: its
/// ports and its directory stay.
/// </summary>
internal sealed class NatsServer : IDisposable
{
    /// <summary>Names another nats-server than the installed one.</summary>
    private const string BinaryVariable = "CONCENTRATOR_TEST_NATS_SERVER";

    private readonly TempDirectory _directory;
    private readonly PeerStart _start;
    private PeerProcess? _process;

    /// <param name="directory">For its files.</param>
    /// <param name="more">More of its configuration.</param>
    /// <param name="name">Its name in a cluster.</param>
    public NatsServer(TempDirectory directory, string more = "", string name = "n1")
        : this(directory, name, [])
        => WriteConfiguration(more);

    /// <summary>One with a configuration of the test's own.</summary>
    /// <param name="file">Makes it, with the server's ports and name.</param>
    /// <param name="environment">Variables that it names.</param>
    public NatsServer(TempDirectory directory, string name, Func<NatsServer, string> file, Dictionary<string, string?> environment)
        : this(directory, name, environment)
        => directory.Write($"{name}.conf", file(this));

    private NatsServer(TempDirectory directory, string name, Dictionary<string, string?> environment)
    {
        _directory = directory;
        Name = name;
        Port = FreePort.Next();
        MonitoringPort = FreePort.Next();
        string? other = Environment.GetEnvironmentVariable(BinaryVariable);
        string program = string.IsNullOrEmpty(other) ? Peer.Require("nats-server", "nats-server") : other;
        environment["GOMEMLIMIT"] = "256MiB";
        _start = new PeerStart { Path = program, Arguments = ["-c", directory[$"{name}.conf"]], Environment = environment };
    }

    public string Name { get; }

    public int Port { get; }

    public int MonitoringPort { get; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>For its streams.</summary>
    public string StoreDirectory => _directory[Name];

    public bool IsRunning => _process is { HasExited: false };

    /// <summary>Writes the configuration again, for <see cref="Reload"/> or the next start.</summary>
    public void WriteConfiguration(string more) => _directory.Write($"{Name}.conf", string.Create(CultureInfo.InvariantCulture, $$"""
        server_name: {{Name}}
        host: 127.0.0.1
        port: {{Port}}
        http: 127.0.0.1:{{MonitoringPort}}
        jetstream { store_dir: "{{StoreDirectory}}", max_mem: 64MB, max_file: 2GB }
        {{more}}

        """));

    public NatsServer Start(bool wait = true)
    {
        _process?.Dispose();
        _process = PeerProcess.Start(_start);
        if (wait) _process.WaitUntilReadyOrDispose(() => FreePort.IsListening(Port), Address, this);
        return this;
    }

    /// <summary>Reads its configuration again (SIGHUP).</summary>
    public void Reload() => _process!.Send(Signal.Hup);

    public void Send(Signal signal) => _process!.Send(signal);

    /// <summary>SIGKILL, and waits for its end.</summary>
    public void Kill()
    {
        _process!.Send(Signal.Kill);
        _process.WaitForExit();
    }

    /// <summary>SIGTERM, and waits for its end.</summary>
    public void Stop() => _process!.Terminate();

    public string Describe() => _process?.Describe() ?? "not started";

    public void Dispose() => _process?.Dispose();
}

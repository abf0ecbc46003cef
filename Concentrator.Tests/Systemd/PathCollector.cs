using System.Globalization;
using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.Systemd;

/// <summary>A TLS receiver in a container's network. It says each path of <see cref="RequestLoad"/>'s that it meets in what comes.</summary>
internal sealed class PathCollector : IDisposable
{
    public const int Port = 6514;

    private const string Program = """
        import re, socket, ssl, sys, threading
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2], sys.argv[3])
        listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
        gate = threading.Lock()
        def say(text):
            with gate:
                sys.stdout.write(text)
                sys.stdout.flush()
        def collect(plain):
            try:
                with context.wrap_socket(plain, server_side=True) as connection:
                    rest = b""
                    while data := connection.recv(65536):
                        data = rest + data
                        found = list(re.finditer(rb"/id-\d+\.", data))
                        say("".join(path.group().decode() + "\n" for path in found))
                        rest = data[max(found[-1].end() if found else 0, len(data) - 16):]
            except OSError:
                pass
        say("ready\n")
        while True:
            threading.Thread(target=collect, args=(listener.accept()[0],), daemon=True).start()
        """;

    private readonly TempDirectory _directory = new();
    private readonly PeerProcess _process;

    /// <param name="root">Whose network it is in; its certificate is valid for <c>localhost</c>.</param>
    public PathCollector(SystemdRoot root)
    {
        (string certificate, string key) = TestCertificates.Server.WritePem(_directory.Path, "server");
        _process = root.StartInNetwork(new PeerStart
        {
            Path = Peer.Require("python3", "python3"),
            Arguments = ["-c", Program, Port.ToString(CultureInfo.InvariantCulture), certificate, key],
            OutputLimit = RequestLoad.OutputLimit,
        });
        _process.WaitUntilReadyOrDispose(() => _process.Output.Total > 0, $"it listens at {Port}", this);
    }

    /// <summary>The paths that have come, each once.</summary>
    public IReadOnlySet<string> Paths() => _process.Output.Text().Split('\n', StringSplitOptions.RemoveEmptyEntries).ToHashSet();

    public void Dispose()
    {
        _process.Dispose();
        _directory.Dispose();
    }
}

using System.Globalization;
using System.Net.Sockets;
using System.Text;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A real HAProxy in the foreground, with its chroot in a temporary directory (as root; otherwise the same paths without the
/// chroot), answering every request itself so that no backend is needed.
/// </summary>
internal sealed class HAProxy : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly PeerProcess _process;

    /// <summary>Creates the directories; HAProxy starts at once and looks for the log socket only when it logs.</summary>
    /// <param name="setup">Its configuration.</param>
    /// <param name="program">Another HAProxy than this machine's.</param>
    public HAProxy(HAProxySetup? setup = null, string? program = null)
        : this(at => (setup ?? new HAProxySetup()).Render(at.Root, Environment.IsPrivilegedProcess, at.StatsSocket, at.Port), program)
    {
    }

    /// <summary>The same with a configuration that the caller writes, once it knows the paths and the port to put in.</summary>
    public HAProxy(Func<Place, string> configuration, string? program = null)
    {
        program ??= Peer.Require("haproxy", "haproxy");
        LogSocket = _directory.Socket("root/dev/log");
        Port = FreePort.Next();
        string text = configuration(new Place(_directory["root"], StatsSocket, Port));
        _process = PeerProcess.Start(new PeerStart
        {
            Path = program,
            Arguments = ["-db", "-f", _directory.Write("haproxy.cfg", text)],
            WorkingDirectory = _directory.Path,
        });
        _process.WaitUntilReadyOrDispose(() => FreePort.IsListening(Port), $"port {Port}", this);
    }

    /// <summary>What is this HAProxy's own: the directory for its chroot, its stats socket, its frontend's port on 127.0.0.1.</summary>
    internal sealed record Place(string Root, string StatsSocket, int Port);

    /// <summary>Of the HTTP frontend on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Where <c>/dev/log</c> is, seen from outside the chroot. Whoever receives creates it.</summary>
    public string LogSocket { get; }

    public int Pid => _process.Pid;

    public string ConfigurationFile => _directory["haproxy.cfg"];

    /// <summary>The path of its stats socket.</summary>
    public string StatsSocket => _directory["stats"];

    /// <summary>Of <see cref="OfVersion"/>, for fixtures whose tests run before each: this machine's, Debian 13's and sid's.</summary>
    public static IReadOnlyList<string> Versions { get; } = ["", "3_0", "3_2"];

    /// <summary>An unpacked HAProxy of that version, named in the environment; null for this machine's own. The test is skipped where there is none.</summary>
    /// <param name="version"><c>3_0</c> or <c>3_2</c>; nothing for this machine's.</param>
    public static string? OfVersion(string version)
    {
        if (version.Length == 0) return null;
        string variable = $"CONCENTRATOR_TEST_HAPROXY_{version}";
        string? program = Environment.GetEnvironmentVariable(variable);
        if (program is null) Assert.Ignore($"{variable} names no HAProxy; packaging/program-of-suite unpacks one");
        return program;
    }

    /// <summary>
    /// Waits until a ring has connected. HAProxy 2.6 keeps a line that it writes just then until it writes the next one
    /// (<c>findings/haproxy-2.6-ring-line-waits.sh</c>), so what is logged before may lack its last line.
    /// </summary>
    /// <param name="port">The receiver's on 127.0.0.1.</param>
    public void WaitForRing(int port) => Eventually.Holds(() => TcpConnections.To(port, Pid).Count > 0, $"the ring has connected to port {port}", detail: Describe);

    /// <summary>Sends that many requests (<see cref="HttpLoad"/>), whose paths carry <c>seq=N</c> from 0.</summary>
    public void Request(int count, int connections = 2, int first = 0) => HttpLoad.Run(Port, count, connections, first);

    /// <summary>Datagrams that HAProxy gave up because the socket's queue was full (EAGAIN, the only loss that it counts).</summary>
    public long DroppedLogs()
    {
        const string Name = "DroppedLogs: ";
        string line = Stats("show info").Split('\n').Single(static line => line.StartsWith(Name, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Name.Length), CultureInfo.InvariantCulture);
    }

    /// <summary>A command on the stats socket and its answer.</summary>
    public string Stats(string command)
    {
        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(StatsSocket));
        socket.ReceiveTimeout = (int)Deadline.Reaction.TotalMilliseconds;
        socket.Send(Encoding.ASCII.GetBytes(command + "\n"));
        using NetworkStream stream = new(socket);
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }

    /// <summary>SIGUSR1 asks for a soft stop, SIGTERM for a hard one.</summary>
    public void Send(Signal signal) => _process.Send(signal);

    public int WaitForExit() => _process.WaitForExit();

    public string Describe() => _process.Describe();

    public void Dispose()
    {
        _process.Dispose();
        _directory.Dispose();
    }
}

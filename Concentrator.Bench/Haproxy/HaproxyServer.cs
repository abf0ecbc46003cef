using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Programs;

namespace Concentrator.Bench.Haproxy;

/// <summary>
/// A real HAProxy, run as the current user without a chroot. Answers every request itself and logs it with <c>option httplog</c>. All its
/// files are in the given directory.
/// </summary>
internal sealed class HaproxyServer : IDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(5);

    private readonly ChildProcess _process;
    private readonly string _statsSocket;

    /// <param name="log">The path of the log server's socket.</param>
    /// <param name="directory">The directory for its configuration and its stats socket.</param>
    /// <exception cref="UnusableException">It is not installed, or does not start.</exception>
    public HaproxyServer(string log, string directory)
    {
        string program = HaproxyProgram.Path ?? throw new UnusableException(HaproxyProgram.Missing);
        _statsSocket = Path.Combine(directory, "stats");
        Port = FreePort.Next();
        string configuration = Path.Combine(directory, "haproxy.cfg");
        File.WriteAllText(configuration, Configuration(log));
        _process = new ChildProcess(program, ["-db", "-f", configuration], directory);
        _process.WaitUntilReadyOrDispose(() => FreePort.IsListening(Port), StartLimit, "haproxy does not start", this);
    }

    /// <summary>The port of its frontend on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Messages that it dropped at a full socket since its start, the only loss that it counts.</summary>
    /// <exception cref="UnusableException">Its stats socket does not answer.</exception>
    public long DroppedLogs()
    {
        const string Name = "DroppedLogs: ";
        try
        {
            using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 5000 };
            socket.Connect(new UnixDomainSocketEndPoint(_statsSocket));
            socket.Send("show info\n"u8);
            using StreamReader answer = new(new NetworkStream(socket, ownsSocket: true), Encoding.ASCII);
            while (answer.ReadLine() is string line)
            {
                if (line.StartsWith(Name, StringComparison.Ordinal)) return long.Parse(line.AsSpan(Name.Length), CultureInfo.InvariantCulture);
            }
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new UnusableException($"haproxy's stats socket: {e.Message}; {_process.Describe()}");
        }
        throw new UnusableException("haproxy's stats socket does not report DroppedLogs");
    }

    public void Dispose()
    {
        _process.Terminate(StopLimit);
        _process.Dispose();
    }

    private string Configuration(string log) =>
        $"""
        global
            log {log} len 8192 local0 info
            stats socket {_statsSocket} mode 600 level admin
            maxconn 200
        defaults
            mode http
            log global
            option httplog
            timeout client 30s
            timeout server 30s
            timeout connect 2s
            timeout http-keep-alive 30s
        frontend web
            bind 127.0.0.1:{Port}
            http-request return status 200

        """;
}

using System.Net.Sockets;
using System.Text;
using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.EndToEnd;

/// <summary>The service manager's end of sd_notify: what a server said, in order. Give <see cref="Environment"/> to one server.</summary>
internal sealed class NotifySocket : IDisposable
{
    private const string StatusKey = "STATUS=";

    private readonly Lock _gate = new();
    private readonly List<string> _said = [];
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Thread _thread;

    public NotifySocket(TempDirectory directory)
    {
        string path = directory.Socket("notify");
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        Environment = new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = path };
        _thread = new Thread(Read) { IsBackground = true, Name = "notify socket" };
        _thread.Start();
    }

    public IReadOnlyDictionary<string, string?> Environment { get; }

    /// <summary>The first line of each datagram so far, but for those of <see cref="Status"/>.</summary>
    public IReadOnlyList<string> Said() => [.. All().Where(static said => !said.StartsWith(StatusKey, StringComparison.Ordinal))];

    /// <summary>What <c>systemctl status</c> showed, in order.</summary>
    public IReadOnlyList<string> Status() =>
        [.. All().Where(static said => said.StartsWith(StatusKey, StringComparison.Ordinal)).Select(static said => said[StatusKey.Length..])];

    /// <summary>Writes the new configuration over the old one, sends SIGHUP, and waits until the server is ready again.</summary>
    public void Reload(ServerProcess server, TempDirectory directory, string configuration)
    {
        // Its status page says ready a moment before it tells us.
        WaitForReady();
        int before = Readies();
        directory.Write("concentrator.json", configuration);
        server.Send(Signal.Hup);
        Eventually.Holds(() => Readies() > before, "ready after a reload", Deadline.Process, server.Describe);
    }

    public void WaitForReady() => Eventually.Holds(() => Readies() > 0, "READY=1", Deadline.Process);

    public void Dispose()
    {
        // Closing alone does not wake a thread that waits in a receive.
        _socket.Shutdown(SocketShutdown.Both);
        _thread.Join(Deadline.Reaction);
        _socket.Dispose();
    }

    private List<string> All()
    {
        lock (_gate) return [.. _said];
    }

    private int Readies() => Said().Count(static said => said == "READY=1");

    private void Read()
    {
        byte[] buffer = new byte[4096];
        try
        {
            for (int read; (read = _socket.Receive(buffer)) > 0;)
            {
                string said = Encoding.UTF8.GetString(buffer, 0, read).Split('\n')[0];
                lock (_gate) _said.Add(said);
            }
        }
        catch (SocketException)
        {
            // Shut down.
        }
    }
}

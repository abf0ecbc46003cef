using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Concentrator.Native;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// The service manager's store of descriptors, by their names: holds what a server gives it with <c>FDSTORE=1</c> until it says
/// <c>FDSTOREREMOVE=1</c>, whatever becomes of the server. Give <see cref="Environment"/> to servers.
/// </summary>
internal sealed class DescriptorStore : IDisposable
{
    private const int Look = 20_000;

    private readonly ConcurrentDictionary<string, SafeSocketHandle> _held = new();
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
    private readonly Thread _thread;
    private volatile bool _ended;

    public DescriptorStore(TempDirectory directory)
    {
        string path = directory.Socket("store");
        _socket.Bind(new UnixDomainSocketEndPoint(path));
        Environment = new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = path };
        _thread = new Thread(Read) { IsBackground = true, Name = "descriptor store" };
        _thread.Start();
    }

    public IReadOnlyDictionary<string, string?> Environment { get; }

    /// <summary>Waits until exactly these are held.</summary>
    public void WaitFor(params string[] names) => Eventually.Holds(
        () => _held.Keys.Order(StringComparer.Ordinal).SequenceEqual(names), $"held: {string.Join(", ", names)}", detail: () => string.Join(", ", _held.Keys));

    /// <summary>Takes one out, to pass it on.</summary>
    public Socket Take(string name) => _held.TryRemove(name, out SafeSocketHandle? handle) ? new Socket(handle) : throw new InvalidOperationException($"no {name}");

    public void Dispose()
    {
        _ended = true;
        _thread.Join();
        _socket.Dispose();
        foreach (SafeSocketHandle handle in _held.Values) handle.Dispose();
    }

    private void Read()
    {
        byte[] buffer = new byte[4096];
        while (!_ended)
        {
            if (!_socket.Poll(Look, SelectMode.SelectRead)) continue;
            int length = DescriptorPassing.Receive(_socket, buffer, out SafeSocketHandle? handle);
            string[] said = Encoding.UTF8.GetString(buffer, 0, length).Split('\n');
            string name = said.FirstOrDefault(static line => line.StartsWith("FDNAME=", StringComparison.Ordinal))?["FDNAME=".Length..] ?? "";
            if (said[0] == "FDSTOREREMOVE=1" && _held.TryRemove(name, out SafeSocketHandle? old)) old.Dispose();
            if (said[0] == "FDSTORE=1" && handle is not null && _held.TryAdd(name, handle)) continue;
            handle?.Dispose();
        }
    }
}

using System.Net.Sockets;
using Concentrator.Tools.Switch;

namespace Concentrator.Tests.Tools.Switch;

/// <summary>A host's commands that do nothing but what the test says; all are written down. One of them may fail, before it does anything.</summary>
internal sealed class FakeCommands : IHostCommands, IDisposable
{
    private readonly Dictionary<string, Action> _effects = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Socket> _sockets = new(StringComparer.Ordinal);
    private int _count;

    public List<string> Run { get; } = [];

    /// <summary>The number, from 0, of the command that fails; null = none. Questions (<c>is-active</c>) are not counted.</summary>
    public int? FailsAt { get; set; }

    public void On(string command, Action effect) => _effects[command] = effect;

    /// <summary>As systemd: it binds, and removes nothing when it stops.</summary>
    public void Hold(string path)
    {
        File.Delete(path);
        Socket socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path + "!"));
        File.Move(path + "!", path);
        _sockets[path] = socket;
    }

    public void Release(string path)
    {
        if (_sockets.Remove(path, out Socket? socket)) socket.Dispose();
    }

    public Task<CommandResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken stop)
    {
        string command = $"{program} {string.Join(' ', arguments)}";
        Run.Add(command);
        if (arguments is ["is-active" or "is-enabled", ..]) return Task.FromResult(new CommandResult(1, ""));
        if (_count++ == FailsAt) return Task.FromResult(new CommandResult(1, $"no luck with {command}\nsecond line"));
        if (_effects.TryGetValue(command, out Action? effect)) effect();
        return Task.FromResult(new CommandResult(0, ""));
    }

    public void Dispose()
    {
        foreach (Socket socket in _sockets.Values) socket.Dispose();
    }
}

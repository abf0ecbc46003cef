using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Ingest.Sockets;
using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.SocketPaths;

/// <summary>
/// The path of one unix listener while it listens. When another program removes the path or binds its own socket there, the old socket is
/// still read but nothing arrives: rsyslog unlinks and binds by name whenever it starts or stops. <see cref="Look"/> detects that and puts
/// the path back. It replaces a reader that took the path only for the service manager's socket and where <c>Takeover</c> is set, and never
/// another Concentrator, which was told to take it. Used only by <see cref="PathWatch"/>'s thread once the path is watched.
/// </summary>
internal sealed class WatchedPath
{
    /// <summary>Another program may watch the path in the same way; the pause keeps the two from fighting without rest.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private const string RestartServer = "restart the server";
    private const string RestartBoth = "systemctl stop concentrator.socket concentrator; systemctl start concentrator.socket concentrator";

    private readonly ListenerOptions _options;
    private readonly ListenerCounters _counters;
    private readonly bool _isLent;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SocketHardLink _second;
    private readonly FileIdentity? _file;
    private long? _lostSince;
    private long? _tookBackAt;

    public WatchedPath(ListenerOptions options, BoundSocket socket, ListenerCounters counters, TimeProvider time, ILogger log)
    {
        _options = options;
        _counters = counters;
        _isLent = socket.IsLent;
        _time = time;
        _log = log;
        Path = options.Address.Path!;
        _second = new SocketHardLink(Path);
        _file = socket.File ?? FileOf(socket);
        if (_file is { } file && FileCalls.Identify(Path) == file && _second.Make() is { } reason) log.PathWithoutSecondName(options.Name, Path, reason);
    }

    public string Path { get; }

    public string Directory => System.IO.Path.GetDirectoryName(Path)!;

    /// <summary>Puts the path back if it does not name our socket; logs that it did, or why it cannot.</summary>
    public void Look()
    {
        FileIdentity? there = FileCalls.Identify(Path);
        if (_file is not null && there == _file)
        {
            if (_lostSince is { } since) _log.PathIsBack(_options.Name, Path, _time.GetElapsedTime(since));
            Found();
            return;
        }
        PathOwner? taker = there is null ? null : PathOwner.At(Path);
        string? refusal = WhyNotNow(taker) ?? _second.PutBack(replaces: there is not null);
        if (refusal is not null && there is null && FileCalls.Identify(Path) is not null)
        {
            // The program that removed it has bound its own socket there by now.
            Look();
            return;
        }
        string fate = there is null ? "was removed" : taker is null ? "was replaced by another file" : $"was taken by {taker.Describe()}";
        if (refusal is not null)
        {
            Lost(fate, refusal);
            return;
        }
        if (taker is { IsAlive: true }) _tookBackAt = _time.GetTimestamp();
        _log.PathPutBack(_options.Name, Path, fate);
        Found();
    }

    /// <summary>Ends the watch: removes the second name, unless it already belongs to a successor.</summary>
    public void End()
    {
        if (_file is { } file && _second.Names(file)) _second.Remove();
        _counters.Problem = null;
    }

    private void Found()
    {
        _lostSince = null;
        _counters.Problem = null;
    }

    /// <summary>Logs the loss, and again only if a different program has the path.</summary>
    private void Lost(string fate, string reason)
    {
        string problem = $"{Path} {fate}";
        if (_lostSince is not null && _counters.Problem == problem) return;
        _lostSince ??= _time.GetTimestamp();
        _counters.Problem = problem;
        _log.PathLost(_options.Name, Path, fate, reason, _isLent ? RestartBoth : RestartServer);
    }

    private string? WhyNotNow(PathOwner? taker)
    {
        // The other Concentrator has replaced the second name with its own, or is about to.
        if (taker is { IsAlive: true, IsConcentrator: true }) return "another Concentrator is taking it over";
        if (_file is not { } file || !_second.Names(file)) return "our socket has lost its second name";
        if (taker is not { IsAlive: true }) return null;
        if (!_options.Takeover && !_isLent) return $"Listeners:{_options.Name}:Takeover is false";
        return _tookBackAt is { } at && _time.GetElapsedTime(at) < Pause ? "it was taken again within a second" : null;
    }

    /// <summary>Our socket's file: a socket that the service manager lent may have lost its path before we started.</summary>
    private FileIdentity? FileOf(BoundSocket socket)
    {
        if (!_options.Address.IsDatagram) return FileCalls.Identify(Path);
        ulong? ours = FileCalls.Identify(socket.Socket.SafeHandle)?.Inode;
        foreach (string name in (string[])[Path, _second.Name])
        {
            // A kernel that does not report the inode of the taker's socket: assume that it is ours.
            if (PathOwner.At(name) is { IsAlive: true } found && (found.Socket ?? ours) == ours) return FileCalls.Identify(name);
        }
        return null;
    }
}

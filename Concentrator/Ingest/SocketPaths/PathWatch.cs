using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.SocketPaths;

/// <summary>
/// Watches the directories of all unix listeners, so that a path that another program removes or takes is put back within some
/// milliseconds (<see cref="WatchedPath"/>). Its thread starts with the first path and sleeps while nothing happens there. Every ten
/// seconds it checks each path anyway, because a mount over a path is no event of its directory. Any thread may watch and forget.
/// </summary>
internal sealed class PathWatch(ILogger log) : IDisposable
{
    private const long EventsKey = 0;

    private static readonly TimeSpan Regularly = TimeSpan.FromSeconds(10);

    /// <summary>The interval where the system provides no events.</summary>
    private static readonly TimeSpan WithoutEvents = TimeSpan.FromSeconds(1);

    /// <summary>Milliseconds between two rounds at least: a directory may be busy with files that are not ours.</summary>
    private const int ShortestRound = 5;

    private readonly Lock _gate = new();
    private readonly List<WatchedPath> _paths = [];
    private Epoll? _poll;
    private Inotify? _events;
    private Thread? _thread;
    private volatile bool _ended;

    public void Watch(WatchedPath path)
    {
        lock (_gate)
        {
            _paths.Add(path);
            if (_thread is null) Begin();
        }
        _poll!.Wake();
    }

    /// <summary>Stops watching a path. When this returns, the path is no longer touched.</summary>
    /// <param name="path">Ignored if it is not watched.</param>
    /// <param name="hasSuccessor">The path, and the second name beside it, now belong to a successor and are left in place.</param>
    public void Forget(WatchedPath path, bool hasSuccessor = false)
    {
        lock (_gate)
        {
            if (_paths.Remove(path) && !hasSuccessor) path.End();
        }
    }

    public void Dispose()
    {
        _ended = true;
        _poll?.Wake();
        _thread?.Join();
        _poll?.Dispose();
        _events?.Dispose();
    }

    private void Begin()
    {
        _poll = new Epoll();
        try
        {
            _events = new Inotify();
            _poll.Add(_events.Descriptor, EventsKey);
        }
        catch (IOException e)
        {
            log.PathsLookedAtRegularly(WithoutEvents, e.Message);
        }
        _thread = new Thread(Run) { Name = "paths", IsBackground = true };
        _thread.Start();
    }

    private void Run()
    {
        Span<long> keys = stackalloc long[Epoll.MostReported];
        while (!_ended)
        {
            TimeSpan interval;
            lock (_gate) interval = LookAtAll() ? Regularly : WithoutEvents;
            Thread.Sleep(ShortestRound);
            if (_poll!.Wait(keys, interval) > 0) _events?.Clear();
        }
    }

    /// <summary>Checks every path. Returns whether events will report all changes from now on.</summary>
    private bool LookAtAll()
    {
        bool areWatched = _events is not null;
        foreach (WatchedPath path in _paths)
        {
            // The watch is set first, so that any change after the check is an event.
            areWatched &= _events?.TryWatch(path.Directory) == true;
            try
            {
                path.Look();
            }
            catch (Exception e)
            {
                // Unexpected; the other paths are still watched, and this one is checked again in the next round.
                log.PathNotLookedAt(path.Path, e);
            }
        }
        return areWatched;
    }
}

using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Paths;

/// <summary>
/// Watches the directories of all unix listeners, so that a path that others remove or take is put back within some milliseconds
/// (<see cref="WatchedPath"/>). Its thread begins with the first path and sleeps while nothing happens there; every ten seconds it looks
/// at each path all the same, for a mount over a path is no event of its directory. Any thread may watch and forget.
/// </summary>
internal sealed class PathWatch(ILogger log) : IDisposable
{
    private const long EventsKey = 0;

    private static readonly TimeSpan Regularly = TimeSpan.FromSeconds(10);

    /// <summary>Where the system has no events to give.</summary>
    private static readonly TimeSpan WithoutEvents = TimeSpan.FromSeconds(1);

    /// <summary>A directory may be a busy one, of files that are not ours: it wakes us this often at most, in milliseconds.</summary>
    private const int ShortestRound = 5;

    private readonly Lock _gate = new();
    private readonly List<WatchedPath> _paths = [];
    private EventPoll? _poll;
    private DirectoryEvents? _events;
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

    /// <summary>What happens at the path is no longer our concern when this returns.</summary>
    /// <param name="path">Ignored when it is not watched.</param>
    /// <param name="hasSuccessor">The path, and the second name beside it, are somebody else's from now on.</param>
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
        _poll = new EventPoll();
        try
        {
            _events = new DirectoryEvents();
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
        Span<long> keys = stackalloc long[EventPoll.MostReported];
        while (!_ended)
        {
            TimeSpan interval;
            lock (_gate) interval = LookAtAll() ? Regularly : WithoutEvents;
            Thread.Sleep(ShortestRound);
            if (_poll!.Wait(keys, interval) > 0) _events?.Clear();
        }
    }

    /// <summary>Whether events will tell what happens from now on.</summary>
    private bool LookAtAll()
    {
        bool areWatched = _events is not null;
        foreach (WatchedPath path in _paths)
        {
            // First watched, so that what happens behind the look is an event.
            areWatched &= _events?.TryWatch(path.Directory) == true;
            try
            {
                path.Look();
            }
            catch (Exception e)
            {
                // Unforeseen; the other paths are watched on, and this one is looked at again.
                log.PathNotLookedAt(path.Path, e);
            }
        }
        return areWatched;
    }
}

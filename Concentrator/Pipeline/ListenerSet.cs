using Concentrator.Configuration.Options;
using Concentrator.Ingest;
using Concentrator.Ingest.Datagrams;
using Concentrator.Ingest.SocketPaths;
using Concentrator.Ingest.Sockets;
using Concentrator.Ingest.Streams;
using Concentrator.Routing;
using Concentrator.Telemetry.Log;

namespace Concentrator.Pipeline;

/// <summary>All listeners of the running configuration, by name. One caller at a time.</summary>
internal sealed class ListenerSet
{
    private readonly IngestContext _context;
    private readonly StreamContext _streams;
    private readonly ListenerFactory _factory;
    private readonly Dictionary<string, Listener> _running = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<Listener, WatchedPath> _watched = [];
    private IReadOnlyList<Listener> _staged = [];

    /// <summary>Owns the shared state of the listeners and disposes it after the last of them has stopped.</summary>
    public ListenerSet(IngestContext context, StreamContext streams)
    {
        _context = context;
        _streams = streams;
        _factory = new ListenerFactory(context, streams);
    }

    public IEnumerable<Listener> Running => _running.Values;

    /// <summary>
    /// Binds those listeners of <paramref name="next"/> that can be bound beside the running ones: new ones, changed addresses,
    /// changed unix paths (the new socket takes the path over) and changed listeners with the same abstract name (they share its socket).
    /// Nothing is read yet; the kernel queues.
    /// </summary>
    /// <exception cref="AggregateException">A <see cref="BindException"/> per listener that cannot be bound. None stays bound.</exception>
    public async Task StageAsync(IReadOnlyList<ListenerOptions> next)
    {
        if (_context.MayTuneKernel && next.Any(static l => l.Address.Transport == Transport.UnixDatagram))
            DatagramQueueLength.Raise(_context.Log);
        List<Listener> bound = [];
        List<BindException> refused = [];
        foreach (ListenerOptions options in next.Where(o => !IsKept(o) && !MustWait(o, next)))
        {
            try
            {
                // The path belongs to this process, whatever kind of socket it has now.
                bool isOurs = options.Address.Path is { } path && _running.Values.Any(l => l.Options.Address.Path == path);
                Listener? before = _running.Values.FirstOrDefault(l => l.Options.Address.IsSameAbstract(options.Address));
                bound.Add(_factory.Bind(isOurs ? options with { Takeover = true } : options, before?.Socket));
            }
            catch (BindException e)
            {
                refused.Add(e);
            }
        }
        Listener[] succeeded = [.. _running.Values.Where(l => bound.Any(b => b.Options.Address.Path is { } path && path == l.Options.Address.Path))];
        if (refused.Count == 0)
        {
            foreach (Listener listener in succeeded) Forget(listener, hasSuccessor: true);
            Claim(bound, refused);
        }
        if (refused.Count != 0)
        {
            foreach (Listener listener in succeeded) Watch(listener);
            foreach (Listener listener in bound) await listener.DiscardAsync().ConfigureAwait(false);
            throw new AggregateException(refused);
        }
        _staged = bound;
    }

    /// <summary>
    /// Switches to the staged <paramref name="next"/>: starts new listeners, stops old ones and installs every route table.
    /// </summary>
    public async Task CommitAsync(IReadOnlyList<ListenerOptions> next, Func<string, RouteTable> tableFor, TimeSpan timeout)
    {
        List<Listener> leaving = [.. _running.Values.Where(running => !next.Any(o => Same(running.Options, o)))];
        foreach (Listener listener in leaving)
        {
            _running.Remove(listener.Options.Name);
            if (listener.Socket is { } socket) _context.Inherited.Store.Release(listener.Options, socket, _context.Log);
        }
        foreach (Listener listener in _running.Values) listener.Routes.Table = tableFor(listener.Options.Name);
        foreach (Listener listener in _staged) Start(listener, tableFor);
        _staged = [];
        foreach (ListenerOptions options in next) _context.Ledger.Listener(options.Name).Insight.IsOn = options.Insight;
        await StopAsync(leaving, timeout).ConfigureAwait(false);

        // Their addresses are free only now.
        foreach (ListenerOptions options in next.Where(o => !_running.ContainsKey(o.Name)))
            await RebindAsync(options, leaving.FirstOrDefault(l => Collide(l.Options.Address, options.Address)), tableFor).ConfigureAwait(false);
    }

    /// <summary>The sockets that a successor may take over.</summary>
    public IReadOnlyList<ListenerSocket> Offer() => [.. _running.Values.Where(static l => l.Socket is not null).Select(static l => new ListenerSocket(l.Options.Name, l.Socket!))];

    /// <summary>Called when a successor has the sockets; the stop then leaves their paths in place.</summary>
    public void HandOver()
    {
        foreach (Listener listener in _running.Values)
        {
            Forget(listener, hasSuccessor: true);
            listener.Socket?.HandOver();
        }
    }

    /// <summary>Stops all listeners; completes when everything that was read has been queued.</summary>
    public async Task StopAsync(TimeSpan timeout)
    {
        List<Listener> leaving = [.. _running.Values];
        _running.Clear();
        await StopAsync(leaving, timeout).ConfigureAwait(false);
        _context.Paths.Dispose();
        _streams.EventLoop.Dispose();
    }

    private bool IsKept(ListenerOptions options) =>
        _running.TryGetValue(options.Name, out Listener? running) && Same(running.Options, options);

    /// <summary>
    /// Ignores Takeover, which matters only at the bind (this process's own sockets are taken over with it set), and what needs no other socket.
    /// </summary>
    private static bool Same(ListenerOptions a, ListenerOptions b) =>
        a with { Takeover = b.Takeover, Insight = b.Insight, StatsSocket = b.StatsSocket } == b;

    /// <summary>Whether a leaving listener still holds the port, possibly for another address or protocol.</summary>
    private bool MustWait(ListenerOptions options, IReadOnlyList<ListenerOptions> next) =>
        _running.Values.Any(l => !next.Any(o => Same(l.Options, o)) && Collide(l.Options.Address, options.Address));

    private static bool Collide(ListenAddress one, ListenAddress other) =>
        one.EndPoint is { } a && other.EndPoint is { } b
        && a.Port == b.Port && a.Port != 0
        && one.IsDatagram == other.IsDatagram
        && (a.Address.Equals(b.Address) || ListenAddress.IsAny(a.Address) || ListenAddress.IsAny(b.Address));

    /// <summary>Renames the new sockets into place. Fails only if someone interferes; paths claimed before are then lost.</summary>
    private static void Claim(List<Listener> bound, List<BindException> refused)
    {
        try
        {
            foreach (Listener listener in bound) listener.Claim();
        }
        catch (BindException e)
        {
            refused.Add(e);
        }
    }

    private async Task RebindAsync(ListenerOptions options, Listener? before, Func<string, RouteTable> tableFor)
    {
        try
        {
            Listener listener = _factory.Bind(options, before: null);
            listener.Claim();
            Start(listener, tableFor);
        }
        catch (BindException e)
        {
            _context.Log.ListenerNotRebound(options.Name, e.Message);
            if (before is not null && before.Options != options) await RebindAsync(before.Options, null, tableFor).ConfigureAwait(false);
        }
    }

    private void Start(Listener listener, Func<string, RouteTable> tableFor)
    {
        listener.Routes.Table = tableFor(listener.Options.Name);
        listener.Start();
        _running[listener.Options.Name] = listener;
        string address = listener.Describe();
        _context.Ledger.Listener(listener.Options.Name).Address = address;
        _context.Log.Listening(listener.Options.Name, address);
        if (listener.Socket is { } socket) _context.Inherited.Store.Keep(listener.Options, socket, _context.Log);
        Watch(listener);
    }

    private void Watch(Listener listener)
    {
        if (_watched.ContainsKey(listener) || listener.TryWatchPath() is not { } path) return;
        _watched[listener] = path;
        _context.Paths.Watch(path);
    }

    private void Forget(Listener listener, bool hasSuccessor = false)
    {
        if (_watched.Remove(listener, out WatchedPath? path)) _context.Paths.Forget(path, hasSuccessor);
    }

    private async Task StopAsync(List<Listener> leaving, TimeSpan timeout)
    {
        foreach (Listener listener in leaving) Forget(listener);
        await Task.WhenAll(leaving.Select(listener => listener.StopAsync(timeout))).ConfigureAwait(false);
        foreach (Listener listener in leaving) _context.Log.ListenerStopped(listener.Options.Name);
    }
}

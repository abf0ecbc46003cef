using Microsoft.AspNetCore.Connections;

namespace Concentrator.Hosting.Status;

/// <summary>
/// The connections to the status pages, limited in number. A new one replaces the one that has been silent longest, so idle
/// connections cannot lock others out and a client that sends requests keeps its own. Any thread may call.
/// </summary>
/// <param name="most">The most connections open at once.</param>
internal sealed class KeptConnections(int most)
{
    private readonly Lock _gate = new();

    // Ordered by the last request, or by the start of the connection if there was none.
    private readonly LinkedList<ConnectionContext> _bySilence = new();
    private readonly Dictionary<string, LinkedListNode<ConnectionContext>> _byId = new(StringComparer.Ordinal);

    /// <summary>Middleware of Kestrel's connection pipeline; tracks every connection before calling <paramref name="next"/>.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        Enter(connection)?.Abort(new ConnectionAbortedException("replaced by a newer connection"));
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate) Remove(connection.ConnectionId);
        }
    };

    /// <summary>Records a request on that connection.</summary>
    public void Asks(string id)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out LinkedListNode<ConnectionContext>? node)) return;
            _bySilence.Remove(node);
            _bySilence.AddLast(node);
        }
    }

    /// <summary>Adds the connection; returns the one to close if there are too many.</summary>
    private ConnectionContext? Enter(ConnectionContext connection)
    {
        lock (_gate)
        {
            ConnectionContext? oldest = _bySilence.Count < most ? null : _bySilence.First?.Value;
            if (oldest is not null) Remove(oldest.ConnectionId);
            _byId.Add(connection.ConnectionId, _bySilence.AddLast(connection));
            return oldest;
        }
    }

    private void Remove(string id)
    {
        if (_byId.Remove(id, out LinkedListNode<ConnectionContext>? node)) _bySilence.Remove(node);
    }
}

using Microsoft.AspNetCore.Connections;

namespace Concentrator.Hosting.Status;

/// <summary>
/// The connections to the status pages: a bounded number, of which the longest silent one gives way to a new one. Whoever opens
/// connections and keeps them keeps nobody out; whoever asks now and then keeps its own. Any thread may call.
/// </summary>
/// <param name="most">Connections that stay open at once.</param>
internal sealed class KeptConnections(int most)
{
    private readonly Lock _gate = new();

    // In the order of the last request, or of the beginning where there was none.
    private readonly LinkedList<ConnectionContext> _bySilence = new();
    private readonly Dictionary<string, LinkedListNode<ConnectionContext>> _byId = new(StringComparer.Ordinal);

    /// <summary>A step of Kestrel's connection pipeline: what comes before <paramref name="next"/> sees every connection.</summary>
    public ConnectionDelegate Before(ConnectionDelegate next) => async connection =>
    {
        Enter(connection)?.Abort(new ConnectionAbortedException("a newer connection takes its place"));
        try
        {
            await next(connection).ConfigureAwait(false);
        }
        finally
        {
            lock (_gate) Remove(connection.ConnectionId);
        }
    };

    /// <summary>A request has come over that connection.</summary>
    public void Asks(string id)
    {
        lock (_gate)
        {
            if (!_byId.TryGetValue(id, out LinkedListNode<ConnectionContext>? node)) return;
            _bySilence.Remove(node);
            _bySilence.AddLast(node);
        }
    }

    /// <summary>The one that has to go, if there are too many.</summary>
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

using System.Net;
using System.Net.Sockets;

namespace Concentrator.Targets.Relays;

/// <summary>
/// Tries the addresses of a name as RFC 8305 says: not all at once, and not each only when the one before it has run out of time, which
/// is 5 s for an address that does not answer and 10 s for one that accepts and says nothing. The next begins when one has failed, or
/// after <see cref="AttemptDelay"/>; the first whole connection, TLS and all, wins, and the others are ended.
/// </summary>
internal static class AddressRace
{
    /// <summary>Section 5, the recommended Connection Attempt Delay: a peer that is well has shaken hands before it is over.</summary>
    public static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Section 4: the order of the resolver, the families in turn, beginning with that of its first address.</summary>
    public static IReadOnlyList<IPAddress> InTurn(IReadOnlyList<IPAddress> addresses)
    {
        if (addresses.Count == 0) return addresses;
        AddressFamily first = addresses[0].AddressFamily;
        IPAddress[] own = [.. addresses.Where(address => address.AddressFamily == first)];
        IPAddress[] other = [.. addresses.Where(address => address.AddressFamily != first)];
        List<IPAddress> turns = [];
        for (int i = 0; i < Math.Max(own.Length, other.Length); i++)
        {
            if (i < own.Length) turns.Add(own[i]);
            if (i < other.Length) turns.Add(other[i]);
        }
        return turns;
    }

    /// <summary>The first connection that is made; else the failure that came furthest, of equals the first.</summary>
    /// <param name="addresses">At least one, in the order in which to try them.</param>
    /// <param name="attempt">Connects to one address, within a time of its own; throws nothing, and ends soon when it is cancelled.</param>
    public static async Task<(TConnection? Connection, ConnectFailure? Failure)> RunAsync<TConnection>(
        IReadOnlyList<IPAddress> addresses,
        Func<IPAddress, CancellationToken, Task<(TConnection? Connection, ConnectFailure? Failure)>> attempt,
        TimeProvider time,
        CancellationToken stop)
        where TConnection : class, IAsyncDisposable
    {
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        List<Task<(TConnection? Connection, ConnectFailure? Failure)>> running = [];
        ConnectFailure? furthest = null;
        TConnection? winner = null;
        int next = 0;
        while (winner is null && (running.Count > 0 || (next < addresses.Count && !stop.IsCancellationRequested)))
        {
            if (next < addresses.Count && !stop.IsCancellationRequested) running.Add(attempt(addresses[next++], over.Token));
            if (await FirstOfAsync(running, mayWait: next == addresses.Count, time, over.Token).ConfigureAwait(false) is not { } ended) continue;
            running.Remove(ended);
            (winner, ConnectFailure? failure) = await ended.ConfigureAwait(false);
            if (failure is not null && (furthest is null || failure.Phase > furthest.Phase)) furthest = failure;
        }
        await over.CancelAsync().ConfigureAwait(false);
        foreach (Task<(TConnection? Connection, ConnectFailure? Failure)> late in running)
        {
            if ((await late.ConfigureAwait(false)).Connection is { } unused) await unused.DisposeAsync().ConfigureAwait(false);
        }
        return (winner, winner is null ? furthest : null);
    }

    /// <summary>The attempt that has ended first; null when it is time for the next.</summary>
    private static async Task<Task<TResult>?> FirstOfAsync<TResult>(
        IReadOnlyList<Task<TResult>> running, bool mayWait, TimeProvider time, CancellationToken over)
    {
        if (mayWait) return await Task.WhenAny(running).ConfigureAwait(false);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(over);
        Task delay = Task.Delay(AttemptDelay, time, ended.Token);
        Task first = await Task.WhenAny([.. running, delay]).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        return first == delay ? null : (Task<TResult>)first;
    }
}

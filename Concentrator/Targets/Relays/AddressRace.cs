using System.Net;
using System.Net.Sockets;

namespace Concentrator.Targets.Relays;

/// <summary>
/// Tries the addresses of a name as in RFC 8305: neither all at once, nor each only after the previous one has timed out, which
/// takes 5 s for an address that does not answer and 10 s for one that accepts and sends nothing. The next attempt begins when one has
/// failed, or after <see cref="AttemptDelay"/>; the first complete connection, including TLS, wins, and the others are cancelled.
/// </summary>
internal static class AddressRace
{
    /// <summary>Section 5, the recommended Connection Attempt Delay: a healthy peer completes its handshakes within it.</summary>
    public static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    /// <summary>Section 4: keeps the resolver's order and alternates the families, beginning with that of its first address.</summary>
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

    /// <summary>Returns the first connection made; otherwise the failure in the latest phase, the first of several.</summary>
    /// <param name="addresses">At least one, in the order in which to try them.</param>
    /// <param name="attempt">Connects to one address with its own time limit; must not throw, and must end soon after cancellation.</param>
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

    /// <summary>Returns the first attempt that has ended; null when it is time for the next one.</summary>
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

using System.Net;

namespace Concentrator.Hosting.Senders;

/// <summary>A ring of HAProxy that took no message while it was looked at.</summary>
/// <param name="Name">Its name in haproxy.cfg.</param>
/// <param name="Dropped">Messages that it has dropped and not announced.</param>
/// <param name="Growth">Those of the last second; 0 when none was logged.</param>
internal readonly record struct FullRing(string Name, long Dropped, long Growth);

/// <summary>
/// Finds rings that drop every message: their receiver does not read, or they have stopped for good, as those of HAProxy 2.6 may once they are
/// full (<c>findings/haproxy-2.6-ring-stops-for-good.sh</c>). HAProxy announces what it dropped as soon as the ring takes a message again, and counts it
/// in <c>show events</c> until then, so a number that never falls tells that none gets through. Any thread may call.
/// </summary>
internal static class FullRings
{
    private const int Looks = 5;
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    /// <summary>Looks once where no ring has dropped anything, else for a second.</summary>
    /// <param name="at">HAProxy's stats socket.</param>
    /// <param name="time">Waits between the looks.</param>
    /// <param name="stop">Cancels.</param>
    /// <inheritdoc cref="HaproxyStats.AskAsync" path="/exception"/>
    public static async Task<IReadOnlyList<FullRing>> FindAsync(EndPoint at, TimeProvider time, CancellationToken stop)
    {
        IReadOnlyDictionary<string, long> first = await HaproxyStats.UnannouncedAsync(at, stop).ConfigureAwait(false);
        Dictionary<string, long> candidates = first.Where(static ring => ring.Value > 0).ToDictionary(StringComparer.Ordinal);
        for (int look = 1; look < Looks && candidates.Count > 0; look++)
        {
            await Task.Delay(Between, time, stop).ConfigureAwait(false);
            IReadOnlyDictionary<string, long> now = await HaproxyStats.UnannouncedAsync(at, stop).ConfigureAwait(false);
            foreach ((string ring, long before) in candidates.ToArray())
            {
                if (now.GetValueOrDefault(ring) is var dropped && dropped >= before) candidates[ring] = dropped;
                else candidates.Remove(ring);
            }
        }
        return [.. candidates.Select(ring => new FullRing(ring.Key, ring.Value, ring.Value - first[ring.Key]))];
    }
}

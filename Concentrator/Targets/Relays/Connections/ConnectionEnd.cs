namespace Concentrator.Targets.Relays.Connections;

/// <summary>How a connection ended.</summary>
/// <param name="Reason">A one-line description.</param>
/// <param name="InOrder">
/// The peer closed it after it had acknowledged everything, and no reset followed, so it has read everything. After a reset or
/// a timeout that is unknown (docs/reference/receivers.md, What TCP acknowledges).
/// </param>
/// <param name="IsRefusal">The peer refused what it was sent, and would again, so the next attempt is delayed.</param>
/// <param name="IsSilence">The peer acknowledged nothing for so long that the relay, or the kernel, gave it up.</param>
/// <param name="Discards">For an orderly end: what may be unread if data was in flight when the peer announced its close.</param>
/// <param name="Pause">The peer answered that it takes nothing now: the least time before the next attempt. Null = it did not.</param>
internal sealed record ConnectionEnd(
    string Reason, bool InOrder, bool IsRefusal = false, bool IsSilence = false, Discarded Discards = Discarded.Nothing, TimeSpan? Pause = null);

/// <summary>What a peer may have discarded unread although its TCP acknowledged it, without a reset to show that.</summary>
internal enum Discarded
{
    Nothing,

    /// <summary>Only what was in flight when the peer announced its close.</summary>
    OnItsWay,

    /// <summary>As after a reset: an unknown amount.</summary>
    Tail,
}

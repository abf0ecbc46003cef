using System.Text;
using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays.Https;

/// <summary>An intake key with which events are sent.</summary>
/// <param name="Frame">As frames carry it; empty for frames without one.</param>
/// <param name="Header">The value of the request's header; null when there is no key to send with.</param>
/// <param name="Place">Where the configuration has it, for people.</param>
internal sealed record IntakeKey(byte[] Frame, string? Header, string Place)
{
    /// <summary>
    /// The key to send a frame's events with. A key that the configuration no longer has is one that was replaced: where the output has only
    /// one, that takes its place. Of several nobody knows which, so the frame's own is used.
    /// </summary>
    public static IntakeKey Find(IntakeKeys configured, ReadOnlySpan<byte> frame)
    {
        string own = Encoding.ASCII.GetString(frame);
        if (own.Length > 0 && configured.PlaceOf(own) is { } place) return new IntakeKey(frame.ToArray(), own, place);
        if (configured.List.Count == 1)
        {
            Secret only = configured.List[0];
            return new IntakeKey(frame.ToArray(), only.Reveal(), configured.PlaceOf(only.Reveal())!);
        }
        return own.Length > 0
            ? new IntakeKey(frame.ToArray(), own, "a key that the configuration had when the events were queued, and no longer has")
            : new IntakeKey([], null, "none");
    }
}

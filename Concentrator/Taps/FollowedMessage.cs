using System.Text.Json;
using Concentrator.Accounting;

namespace Concentrator.Taps;

/// <summary>
/// One message in the queue of one output, on its way to the peer or file. It is followed by the output's counters, which are read every
/// few milliseconds: the way of the message itself is not touched. Used by the tap's thread.
/// </summary>
/// <param name="number">The number of the message's line.</param>
/// <param name="counters">The output's.</param>
/// <param name="place">Its place in the output's queue.</param>
internal sealed class FollowedMessage(long number, OutputCounters counters, QueuePlace place)
{
    private ConnectedPeer? _peer;
    private bool _isStored;

    /// <summary>Writes a line for each station that the message has reached since the last call; true when that was the last.</summary>
    /// <param name="lines">Receives the lines.</param>
    /// <param name="now">UTC.</param>
    public bool Look(TapLines lines, DateTime now)
    {
        MessageFate fate = counters.FateOf(place);
        _peer = fate.Peer ?? _peer;
        if (fate.IsStored && !_isStored)
        {
            _isStored = true;
            Write(lines, "stored", now, fate);
        }
        if (fate.State == MessageState.Queued) return false;
        Write(lines, StationOf(fate.State), now, fate);
        return true;
    }

    private static string StationOf(MessageState state) => state switch
    {
        MessageState.Delivered => "delivered",
        MessageState.Refused => "refused",
        _ => "perhaps dropped",
    };

    private void Write(TapLines lines, string station, DateTime now, in MessageFate fate)
    {
        Utf8JsonWriter json = lines.Begin();
        json.WriteStartObject();
        json.WriteString("type", "station");
        json.WriteNumber("number", number);
        json.WriteString("output", counters.Name);
        json.WriteString("station", station);
        json.WriteString("time", TapDocument.Instant(now));
        if (station == "delivered" && _peer is { } peer)
        {
            json.WriteString("endpoint", peer.Endpoint);
            json.WriteString("protocol", peer.Protocol);
            json.WriteString("certificate", peer.CertificateSubject);
            json.WriteString("certificate_ends", peer.CertificateEnds is { } end ? TapDocument.Instant(end.ToUniversalTime()) : null);
        }
        if (fate.State == MessageState.PerhapsDropped)
        {
            json.WriteNumber("dropped", fate.Dropped);
            json.WriteString("reason", fate.Reason.Label());
        }
        json.WriteEndObject();
        lines.End();
    }
}

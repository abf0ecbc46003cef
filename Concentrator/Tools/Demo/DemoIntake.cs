using System.Net;
using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Tools.Demo;

/// <summary>
/// Replaces Sekoia's intake: a TLS server on loopback that counts octet-counted frames, and can close and reopen on the same port.
/// <para>
/// It closes as a service does in an orderly restart. A reset would also discard what its kernel has acknowledged and it has not read. No
/// RFC 5425 sender can protect against that (docs/reference/receivers.md, What TCP acknowledges), and the demo's counts must not depend on a
/// race.
/// </para>
/// </summary>
/// <param name="example">Receives every frame.</param>
internal sealed class DemoIntake(IssuedCertificate certificate, Secret intakeKey, Example example)
    : FrameIntake(new IPEndPoint(IPAddress.Loopback, 0), certificate)
{
    /// <summary>The time limit for the relay to close its side. Then the connection is cut.</summary>
    private static readonly TimeSpan FarewellLimit = TimeSpan.FromSeconds(5);

    private readonly byte[] _keyElement = Encoding.UTF8.GetBytes($" LOG [SEKOIA@53288 intake_key=\"{intakeKey.Reveal()}\"] ");
    private readonly Lock _gate = new();

    // Guarded by _gate.
    private readonly NumberTally _tally = new();
    private long _withoutKey;

    /// <summary>Frames received so far, duplicates included.</summary>
    public long Frames
    {
        get { lock (_gate) return _tally.Messages; }
    }

    /// <summary>Refuses new connections and ends the open ones. Completes when each has been read to its last byte.</summary>
    public Task CloseAsync() => Task.Run(() => Close(FarewellLimit));

    /// <summary>What has arrived. Call it after everything has ended.</summary>
    public IntakeResult Result(IEnumerable<(char Letter, long Sent)> senders)
    {
        lock (_gate) return new IntakeResult(_tally.Against(senders), _withoutKey, Violations, Connections - HandshakeFailures);
    }

    protected override bool Take(IntakeConnection connection, FrameBuffer received)
    {
        lock (_gate)
        {
            while (received.TryTakeFrame(out ReadOnlySpan<byte> frame))
            {
                _tally.Add(frame);
                if (frame.IndexOf(_keyElement) < 0) _withoutKey++;
                example.OfferFrame(frame);
            }
        }
        return true;
    }
}

/// <summary>The intake's counts.</summary>
/// <param name="Frames">The arrived frames, by their numbers.</param>
/// <param name="WithoutKey">Frames that lack the intake key in its place.</param>
/// <param name="BrokenStreams">Connections with invalid octet counting.</param>
/// <param name="Connections">TLS connections established by the relay.</param>
internal sealed record IntakeResult(Arrival Frames, long WithoutKey, long BrokenStreams, long Connections);

using Concentrator.Accounting;

namespace Concentrator.Tools.Demo;

/// <summary>
/// Reads the ledger every few milliseconds during the outage, and records what proves that the outputs do not wait for each other. Not
/// thread-safe.
/// </summary>
internal sealed class OutageWatch(Ledger ledger, TimeProvider time)
{
    private long? _began;
    private long _fileBefore;
    private long _fileNow;
    private long _worstFileQueue;
    private long _peakQueue;
    private TimeSpan? _relayLost;
    private TimeSpan? _relayBack;
    private TimeSpan? _intakeBack;
    private TimeSpan? _caughtUp;

    /// <summary>Messages that are queued for the intake now.</summary>
    public long RelayQueue => Relay().Queued;

    public bool IsRelayBack => _relayBack is not null;

    public void Begin()
    {
        _began = time.GetTimestamp();
        _fileBefore = _fileNow = File().Delivered;
    }

    public void Look()
    {
        if (_began is null) return;
        OutputSnapshot relay = Relay();
        if (!relay.Connected) _relayLost ??= Now;
        else if (_relayLost is not null) _relayBack ??= Now;
        _peakQueue = Math.Max(_peakQueue, relay.Queued);
        if (IsRelayBack) return;
        OutputSnapshot file = File();
        _worstFileQueue = Math.Max(_worstFileQueue, file.Queued);
        _fileNow = file.Delivered;
    }

    public void IntakeIsBack() => _intakeBack ??= Now;

    public void CaughtUp() => _caughtUp ??= Now;

    /// <summary>Null when there was no outage, or its end was not observed.</summary>
    public OutageResult? Result() => _relayLost is { } lost && _relayBack is { } back && _intakeBack is { } open
        ? new OutageResult(open, back - lost, _fileNow - _fileBefore, _worstFileQueue, _peakQueue, _caughtUp is { } end ? end - back : null)
        : null;

    private TimeSpan Now => time.GetElapsedTime(_began ?? 0);

    private OutputSnapshot Relay() => ledger.Outputs().FirstOrDefault(static output => output.IsRelay);

    private OutputSnapshot File() => ledger.Outputs().FirstOrDefault(static output => !output.IsRelay);
}

/// <summary>The measurements around the outage.</summary>
/// <param name="IntakeAway">From the intake's close to its reopening.</param>
/// <param name="RelayAway">From the relay's loss of its connection to the next connection.</param>
/// <param name="FileLines">Lines that were written to the file in that time.</param>
/// <param name="WorstFileQueue">The peak queue of the file in that time, in messages.</param>
/// <param name="PeakQueue">The peak queue of the relay, in messages.</param>
/// <param name="CatchingUp">From the new connection to an empty queue; null if the queue never emptied.</param>
internal sealed record OutageResult(
    TimeSpan IntakeAway, TimeSpan RelayAway, long FileLines, long WorstFileQueue, long PeakQueue, TimeSpan? CatchingUp);

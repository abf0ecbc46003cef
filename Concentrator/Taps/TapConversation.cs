using System.Net.Sockets;
using System.Text.Json;
using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Routing;
using Concentrator.Telemetry.Log;

namespace Concentrator.Taps;

/// <summary>
/// A tap's client: sends it a line for each message that the tap took, on a thread of its own, until the client ends its direction, goes
/// away or reads nothing for <see cref="TapPeer.SendLimit"/>, the tap's limit is reached, or the server stops. The last line has the counts.
/// </summary>
internal sealed class TapConversation : IDisposable
{
    /// <summary>How often the ring is looked at. Waking this thread for each message would cost the lane more than the message does.</summary>
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);

    /// <summary>The same while a message is followed: how late the time of a station may be.</summary>
    private static readonly TimeSpan CloseLook = TimeSpan.FromMilliseconds(2);

    private static readonly TimeSpan BetweenCounts = TimeSpan.FromSeconds(1);

    /// <summary>Bytes gathered before they are sent.</summary>
    private const int Gathered = 32 * 1024;

    /// <summary>Messages in queues that are followed at a time. Beyond it, messages are shown and not followed.</summary>
    private const int MostFollowed = 64;

    private readonly TapPeer _peer;
    private readonly Tap _tap;
    private readonly Ledger _ledger;
    private readonly TapDocument _document;
    private readonly TimeProvider _time;
    private readonly Action<TapConversation> _onEnd;
    private readonly TapLines _lines = new();
    private readonly List<FollowedMessage> _followed = [];
    private readonly Thread _thread;
    private long _shown;
    private long _countsAt;
    private TapCounts _counts;

    /// <param name="peer">The client's socket, which the conversation owns.</param>
    /// <param name="tap">The tap, already attached.</param>
    /// <param name="ledger">The counters of all outputs.</param>
    /// <param name="keys">Hides intake keys.</param>
    /// <param name="time">The time of stations.</param>
    /// <param name="onEnd">Called on the thread when the conversation is over.</param>
    public TapConversation(Socket peer, Tap tap, Ledger ledger, KeyMask keys, TimeProvider time, Action<TapConversation> onEnd)
    {
        _peer = new TapPeer(peer, time);
        _tap = tap;
        _ledger = ledger;
        _document = new TapDocument(keys);
        _time = time;
        _onEnd = onEnd;
        _thread = new Thread(Run) { Name = "tap", IsBackground = true };
    }

    public Tap Tap => _tap;

    /// <summary>Messages that the client was sent.</summary>
    public long Shown => Interlocked.Read(ref _shown);

    /// <summary>Begins with the server's first line.</summary>
    public void Start(ServerOptions options)
    {
        TapDocument.WriteHello(_lines.Begin(), options, _ledger.Listeners());
        _lines.End();
        _countsAt = _time.GetTimestamp();
        _thread.Start();
    }

    /// <summary>Ends the conversation soon; <see cref="Join"/> waits for it.</summary>
    public void Stop() => _peer.IsStopping = true;

    public void Join() => _thread.Join();

    public void Dispose()
    {
        _peer.Dispose();
        _lines.Dispose();
    }

    private void Run()
    {
        try
        {
            do _peer.Send(_lines);
            while (!_peer.IsStopping && !IsOver() && !HasClientEnded());
            _tap.Close();
            ShowMessages();
            LookAtFollowed();
            WriteCounts(isEnd: true);
            _peer.Send(_lines);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // Expected: the client has gone away, or does not read.
        }
        finally
        {
            _tap.Close();
            _onEnd(this);
            Dispose();
        }
    }

    /// <summary>Writes what is new; true when nothing more can come.</summary>
    private bool IsOver()
    {
        // Read before the ring: what a tap took before it was closed is there.
        bool isClosed = _tap.IsClosed;
        ShowMessages();
        LookAtFollowed();
        if (_time.GetElapsedTime(_countsAt) >= BetweenCounts) WriteCounts(isEnd: false);
        return isClosed && _followed.Count == 0;
    }

    /// <summary>Waits for the next look, unless there is something to send.</summary>
    private bool HasClientEnded() => _lines.Written.IsEmpty && _peer.HasEnded(_followed.Count > 0 ? CloseLook : Look);

    /// <summary>Writes the messages in the ring.</summary>
    private void ShowMessages()
    {
        while (_tap.Ring.TryRead(out ReadOnlySpan<byte> bytes))
        {
            TapRecordReader record = new(bytes);
            Interlocked.Increment(ref _shown);
            _document.WriteMessage(_lines.Begin(), ref record, _shown);
            _lines.End();
            if (_tap.Request.Follows) Follow(new TapRecordReader(bytes));
            _tap.Ring.Release();
            if (_lines.Written.Length >= Gathered) _peer.Send(_lines);
        }
    }

    private void Follow(TapRecordReader record)
    {
        IReadOnlyList<OutputCounters> outputs = _ledger.OutputCounters();
        for (int i = 0; i < record.Head.Steps; i++)
        {
            TapStepHead step = record.NextStep(out string? output);
            if (step.Outcome != StepOutcome.Queued || _followed.Count == MostFollowed) continue;
            _followed.Add(new FollowedMessage(_shown, outputs.First(counters => counters.Name == output), step.Place));
        }
    }

    private void LookAtFollowed()
    {
        if (_followed.Count == 0) return;
        DateTime now = _time.GetUtcNow().UtcDateTime;
        _followed.RemoveAll(followed => followed.Look(_lines, now));
    }

    private void WriteCounts(bool isEnd)
    {
        _countsAt = _time.GetTimestamp();
        TapCounts counts = _tap.Counts;
        if (!isEnd && counts == _counts) return;
        _counts = counts;
        Utf8JsonWriter json = _lines.Begin();
        TapDocument.WriteCounts(json, counts, _shown, isEnd);
        _lines.End();
    }
}

using System.Text;
using Concentrator.Configuration.Options;

namespace Concentrator.Targets.Relays.Https;

/// <summary>
/// The batches that are being filled, one for each key. A batch is complete when it has the bytes or the events, is old enough, or gets an event of
/// another time. Used under the session's lock.
/// </summary>
internal sealed class OpenBatches(HttpsIntakeOptions options, TimeProvider time)
{
    /// <summary>Times of frames are compared by the second.</summary>
    private static readonly TimeSpan LeastSpan = TimeSpan.FromSeconds(1);

    private readonly TimeSpan _span = options.BatchAge > LeastSpan ? options.BatchAge : LeastSpan;
    private readonly List<IntakeKey> _keys = [];
    private readonly List<EventBatch> _open = [];
    private readonly EventTime _time = new();

    /// <summary>The most bytes in one request: lower than configured after the intake found one too large.</summary>
    public int MostBytes { get; set; } = options.BatchSize;

    /// <summary>The batches that are complete and wait for a request, in order.</summary>
    public Queue<EventBatch> Complete { get; private set; } = new();

    /// <summary>Adds a message, without its MSG-LEN, that has that position.</summary>
    public void Add(ReadOnlySpan<byte> message, long position)
    {
        EventFrame frame = EventFrame.Read(message);
        DateTimeOffset? moment = _time.Read(frame.Time);
        IntakeKey key = KeyOf(frame.Key);
        int at = IndexOf(key);
        if (at >= 0 && (_open[at].Length + frame.Text.Length >= MostBytes || !_open[at].IsWithin(_span, moment)))
        {
            Finish(at);
            at = -1;
        }
        if (at < 0)
        {
            at = _open.Count;
            _open.Add(new EventBatch(key, moment, moment is null ? null : Encoding.ASCII.GetString(frame.Time), time.GetTimestamp()));
        }
        EventBatch open = _open[at];
        open.Add(frame.Text, position);
        if (open.Events >= options.BatchEvents || open.Length >= MostBytes || options.BatchAge == TimeSpan.Zero) Finish(at);
    }

    /// <summary>Completes the batches that are old enough; returns when the next one will be, null when there is none.</summary>
    public TimeSpan? CompleteOld()
    {
        TimeSpan? next = null;
        for (int i = 0; i < _open.Count;)
        {
            TimeSpan left = options.BatchAge - time.GetElapsedTime(_open[i].OpenedAt);
            if (left <= TimeSpan.Zero)
            {
                Finish(i);
                continue;
            }
            if (next is null || left < next) next = left;
            i++;
        }
        return next;
    }

    /// <summary>Completes all batches.</summary>
    public void CompleteAll()
    {
        while (_open.Count > 0) Finish(0);
    }

    /// <summary>Puts both before what is complete already.</summary>
    public void PutFirst(EventBatch first, EventBatch second) => Complete = new Queue<EventBatch>([first, second, .. Complete]);

    private void Finish(int at)
    {
        Complete.Enqueue(_open[at]);
        _open.RemoveAt(at);
    }

    /// <summary>The number of the key's batch; -1 if none is open. Called for each message: a predicate would allocate.</summary>
    private int IndexOf(IntakeKey key)
    {
        for (int i = 0; i < _open.Count; i++)
        {
            if (ReferenceEquals(_open[i].Key, key)) return i;
        }
        return -1;
    }

    private IntakeKey KeyOf(ReadOnlySpan<byte> frame)
    {
        foreach (IntakeKey known in _keys)
        {
            if (frame.SequenceEqual(known.Frame)) return known;
        }
        IntakeKey found = IntakeKey.Find(options.Keys, frame);
        _keys.Add(found);
        return found;
    }
}

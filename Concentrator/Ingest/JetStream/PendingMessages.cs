using Concentrator.Accounting;

namespace Concentrator.Ingest.JetStream;

/// <summary>A message of a stream that is in the queues.</summary>
/// <param name="Sequence">Its number in the stream; 0 = unknown.</param>
/// <param name="Messages">Syslog messages in it.</param>
/// <param name="Receipt">Tells when it is dealt with.</param>
/// <param name="Answers">Whether that is still to be said.</param>
internal sealed record PendingMessage(long Sequence, int Messages, DeliveryReceipt Receipt, bool Answers)
{
    /// <summary>The subject that answers for it: that of the last time that it was given out.</summary>
    public required string Reply { get; set; }

    /// <summary>When the stream was last told that it is in progress, as a timestamp.</summary>
    public long ToldAt { get; set; }
}

/// <summary>The messages of a stream that are in the queues and not dealt with. Any thread may call.</summary>
/// <param name="window">How many may be pending.</param>
internal sealed class PendingMessages(FetchWindow window)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<PendingMessage> _pending = [];

    public int Count
    {
        get
        {
            lock (_gate) return _pending.Count;
        }
    }

    /// <summary>Those that the stream still waits for.</summary>
    public int Unanswered
    {
        get
        {
            lock (_gate) return _pending.Count(static message => message.Answers);
        }
    }

    /// <summary>How many more may be fetched.</summary>
    public int Room => Math.Max(0, window.Size - Count);

    public void Add(PendingMessage message)
    {
        lock (_gate) _pending.AddLast(message);
    }

    /// <summary>
    /// Whether a message that is given out again is still pending here, because the session was gone for longer than the stream waits: it is
    /// not taken twice, and answered for as it was given out last.
    /// </summary>
    public bool TryRenew(long sequence, string reply, long now)
    {
        lock (_gate)
        {
            foreach (PendingMessage message in _pending)
            {
                if (sequence == 0 || message.Sequence != sequence) continue;
                message.Reply = reply;
                message.ToldAt = now;
                return true;
            }
        }
        return false;
    }

    /// <summary>Takes those that are dealt with, in the order in which they came.</summary>
    public IReadOnlyList<PendingMessage> TakeSettled()
    {
        List<PendingMessage> settled = Take(static message => message.Receipt.IsSettled);
        window.Settled(settled.Count);
        return settled;
    }

    /// <summary>Takes all.</summary>
    public IReadOnlyList<PendingMessage> TakeAll() => Take(static _ => true);

    /// <summary>Those that the stream was not told of for so long; they count as told from now on.</summary>
    public IReadOnlyList<PendingMessage> ToTell(TimeProvider time, TimeSpan after)
    {
        List<PendingMessage> found = [];
        long now = time.GetTimestamp();
        lock (_gate)
        {
            foreach (PendingMessage message in _pending)
            {
                if (!message.Answers || time.GetElapsedTime(message.ToldAt, now) < after) continue;
                message.ToldAt = now;
                found.Add(message);
            }
        }
        return found;
    }

    private List<PendingMessage> Take(Func<PendingMessage, bool> isWanted)
    {
        List<PendingMessage> taken = [];
        lock (_gate)
        {
            for (LinkedListNode<PendingMessage>? node = _pending.First; node is not null;)
            {
                LinkedListNode<PendingMessage>? next = node.Next;
                if (isWanted(node.Value))
                {
                    taken.Add(node.Value);
                    _pending.Remove(node);
                }
                node = next;
            }
        }
        return taken;
    }
}

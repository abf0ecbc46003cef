namespace Concentrator.Accounting;

/// <summary>
/// The output's side of the ledger: accepted = delivered + queued + dropped. Its <see cref="Gate"/> is also the lock of the output's queue
/// in memory, so a queue and its counters change in one step, and <see cref="Read"/> always balances.
/// </summary>
internal sealed class OutputCounters(string name, bool isRelay, long capacity)
{
    private bool _isRelay = isRelay;
    private readonly DropCounters _drops = new();
    private long _accepted;
    private long _delivered;
    private long _queued;
    private long _kept;
    private long _queuedBytes;
    private long _arrivedBytes;
    private long _deliveredBytes;
    private long _mostQueued;
    private long _cut;
    private long _refusedLate;
    private long _timesFull;
    private long _timesDiskFull;
    private long _known;
    private long _acceptedElsewhere;
    private QueuePassage _passage;
    private Func<long> _capacity = () => capacity;
    private BacklogEstimate? _estimate;
    private bool _connected;
    private ConnectedPeer? _peer;
    private string? _problem;
    private long _reconnects;

    /// <summary>The output's name in the configuration.</summary>
    public string Name { get; } = name;

    /// <summary>The lock of these counters, and of the output's queue in memory.</summary>
    public OutputLock Gate { get; } = new();

    /// <summary>Relays: what the queue has on disk.</summary>
    public DiskCounters Disk { get; } = new();

    /// <summary>Relays: the times without a connection.</summary>
    public OutageCounters Outages { get; } = new();

    /// <summary>The caller holds <see cref="Gate"/>: one message entered the queue.</summary>
    public void AcceptUnsynchronized(int bytes)
    {
        _accepted++;
        _queued++;
        if (_queued > _mostQueued) _mostQueued = _queued;
        _queuedBytes += bytes;
        _arrivedBytes += bytes;
    }

    /// <summary>The output comes back after a reload had removed it: what it left on disk still counts as queued, and is not counted again when found.</summary>
    public void ExpectWhatWasKept()
    {
        using (Gate.Enter())
        {
            _kept = _queued;
            _passage.BeginMemory(_queued);
        }
    }

    /// <summary>The caller holds <see cref="Gate"/>: messages that an earlier process accepted were found on disk, or in memory.</summary>
    public void RecoverUnsynchronized(long messages, long bytes, bool isOnDisk = true)
    {
        long known = Math.Min(_kept, messages);
        _kept -= known;
        if (known == messages) return;
        bytes -= bytes / messages * known;
        messages -= known;
        if (isOnDisk) _passage.LeaveMemory(messages, isStored: true);
        _accepted += messages;
        _queued += messages;
        _mostQueued = Math.Max(_mostQueued, _queued);
        _queuedBytes += bytes;
    }

    /// <summary>The caller holds <see cref="Gate"/>: one message was accepted and dropped at once.</summary>
    public void RefuseUnsynchronized(DropReason reason)
    {
        _accepted++;
        _drops.Refuse(reason);
    }

    /// <summary>The caller holds <see cref="Gate"/>: one message was accepted of which there is nothing to deliver.</summary>
    public void AcceptEmptyUnsynchronized()
    {
        _accepted++;
        _delivered++;
        _acceptedElsewhere--;
    }

    /// <summary>The caller holds <see cref="Gate"/>: one message was cut at the output's <c>MaxFrameSize</c>.</summary>
    public void CutUnsynchronized() => _cut++;

    /// <summary>The caller holds <see cref="Gate"/>: messages, numbered by a log or not, left the queue because they are with the peer or in the file.</summary>
    public void DeliverUnsynchronized(long messages, long bytes, bool isNumbered = true)
    {
        long refused = Math.Min(_refusedLate, messages);
        _refusedLate -= refused;
        _drops.Add(DropReason.Refused, refused, isNumbered);
        _drops.Pass(messages - refused, isNumbered);
        _delivered += messages - refused;
        _deliveredBytes += bytes;
        LeaveUnsynchronized(messages, bytes);
    }

    /// <summary>The caller holds <see cref="Gate"/>: messages, which a log has numbered or not, left the queue undelivered.</summary>
    public void DropUnsynchronized(DropReason reason, long messages, long bytes, bool isNumbered = false)
    {
        _drops.Add(reason, messages, isNumbered);
        _passage.Drop(reason, messages, _queued);
        LeaveUnsynchronized(messages, bytes);
    }

    /// <summary>
    /// The caller holds <see cref="Gate"/>: the peer refuses messages permanently. Those already counted as delivered, because the
    /// peer's TCP had acknowledged them, are counted as refused in place of as many that are delivered next: no counter decreases, and
    /// the ledger always balances.
    /// </summary>
    /// <param name="queued">Messages that are counted as queued.</param>
    /// <param name="queuedBytes">Bytes of those messages.</param>
    /// <param name="delivered">Messages that are counted as delivered.</param>
    /// <param name="isNumbered">Whether a log has numbered them.</param>
    public void RefuseUnsynchronized(long queued, long queuedBytes, long delivered, bool isNumbered = true)
    {
        _drops.Add(DropReason.Refused, queued, isNumbered);
        _refusedLate += delivered;
        _passage.Refuse(queued);
        LeaveUnsynchronized(queued, queuedBytes);
    }

    /// <summary>The caller holds <see cref="Gate"/>: messages left a relay's queue in memory, for its disk or past it.</summary>
    public void LeaveMemoryUnsynchronized(long messages, bool isStored) => _passage.LeaveMemory(messages, isStored);

    /// <summary>The caller holds <see cref="Gate"/>: the place of the message that was queued last.</summary>
    public QueuePlace LastPlaceUnsynchronized => _passage.LastPlace(_queued);

    /// <summary>The place behind all messages that the queue has accepted so far, for a <see cref="DeliveryReceipt"/>. Any thread.</summary>
    public long AcceptedUpTo
    {
        get
        {
            using (Gate.Enter()) return _passage.LastPlace(_queued).Number;
        }
    }

    /// <summary>The place up to which every message is delivered, dropped or refused; never decreases. Any thread.</summary>
    public long SettledUpTo
    {
        get
        {
            using (Gate.Enter()) return _passage.SettledUpTo;
        }
    }

    /// <summary>Another queue takes the place of the one in use, which is emptied beside it: a reload has changed the output's kind.</summary>
    public void BeginOtherQueue()
    {
        using (Gate.Enter()) _passage.BeginOther(_queued);
    }

    /// <summary>The caller holds <see cref="Gate"/>: why the last message that was dropped at once was dropped.</summary>
    public DropReason LastRefusalUnsynchronized => _drops.LastRefusal;

    /// <summary>What has become of the message that was queued at that place of this output.</summary>
    public MessageFate FateOf(in QueuePlace place)
    {
        using (Gate.Enter()) return _passage.FateOf(place, _peer);
    }

    /// <summary>Messages left the queue undelivered, and their sizes are unknown: the average of the queued messages is used.</summary>
    public void DropLost(DropReason reason, long messages)
    {
        if (messages <= 0) return;
        using (Gate.Enter()) DropUnsynchronized(reason, messages, _queued == 0 ? 0 : _queuedBytes / _queued * messages, isNumbered: true);
    }

    /// <summary>A queue begins, and what it holds is counted: from now on drops are kept there, and <see cref="ReadTotals"/> spans all processes.</summary>
    /// <param name="totals">Where they are kept.</param>
    /// <param name="accepted">Messages accepted since the totals began, these of the queue included.</param>
    public void Keep(IKeptTotals totals, long accepted)
    {
        using (Gate.Enter())
        {
            _drops.KeepIn(totals);
            _acceptedElsewhere = accepted - _accepted;
        }
    }

    /// <summary>The figures over all processes; those of this process where none are kept.</summary>
    public OutputTotals ReadTotals()
    {
        using (Gate.Enter()) return new OutputTotals(_accepted + _acceptedElsewhere, _queued, _drops.OfAll);
    }

    /// <summary>Bytes may have been estimated (messages lost on disk): the error ends with the last queued message.</summary>
    private void LeaveUnsynchronized(long messages, long bytes)
    {
        _passage.Leave(messages, _queued);
        _queued -= messages;
        _queuedBytes = _queued == 0 ? 0 : Math.Max(0, _queuedBytes - bytes);
    }

    /// <summary>
    /// Sets the queue in use: a reload may have changed a file into a relay. Its capacity changes while the server runs, so
    /// <paramref name="capacity"/> is called whenever the counters are read, from any thread.
    /// </summary>
    public void Become(bool isRelay, Func<long> capacity)
    {
        using (Gate.Enter())
        {
            _isRelay = isRelay;
            _capacity = capacity;
        }
    }

    /// <summary>The queue has become full, in memory or on disk.</summary>
    public void Full(bool onDisk) => Interlocked.Increment(ref onDisk ? ref _timesDiskFull : ref _timesFull);

    /// <summary>Sets the forecast for the queue.</summary>
    public void Estimate(BacklogEstimate estimate)
    {
        using (Gate.Enter()) _estimate = estimate;
    }

    /// <summary>Files: readable reason why the file cannot be written at the moment; null = no problem is known. Any thread.</summary>
    public string? Problem
    {
        get => Volatile.Read(ref _problem);
        set => Volatile.Write(ref _problem, value);
    }

    /// <summary>Relays: a connection is up.</summary>
    /// <param name="peer">The peer; null = not recorded.</param>
    public void Connected(ConnectedPeer? peer = null)
    {
        using (Gate.Enter())
        {
            _connected = true;
            _peer = peer;
        }
        Outages.End();
    }

    /// <summary>Relays: the connection ended; every connect after the first is a reconnect.</summary>
    public void Disconnected()
    {
        using (Gate.Enter())
        {
            _connected = false;
            _peer = null;
            _reconnects++;
        }
        Outages.Begin();
    }

    /// <summary>Relays: the peer had what it was sent, because an earlier acknowledgement was lost, and keeps it once. Any thread.</summary>
    public void NoteKnown() => Interlocked.Increment(ref _known);

    /// <summary>Reads all counters at one moment; they balance.</summary>
    public OutputSnapshot Read()
    {
        using (Gate.Enter())
        {
            return new OutputSnapshot
            {
                Name = Name,
                IsRelay = _isRelay,
                Capacity = _capacity(),
                Accepted = _accepted,
                Delivered = _delivered,
                Queued = _queued,
                QueuedBytes = _queuedBytes,
                ArrivedBytes = _arrivedBytes,
                DeliveredBytes = _deliveredBytes,
                StoredBytes = Disk.Bytes,
                StoredMessages = Disk.Messages,
                MostStored = Disk.MostMessages,
                SpooledMessages = Disk.Written,
                Known = Interlocked.Read(ref _known),
                Truncated = _cut,
                MostQueued = _mostQueued,
                TimesFull = Interlocked.Read(ref _timesFull),
                TimesDiskFull = Interlocked.Read(ref _timesDiskFull),
                Outages = Outages.Read(),
                Estimate = _estimate,
                Dropped = _drops.OfProcess,
                Connected = _connected,
                Peer = _peer,
                Problem = Problem,
                Reconnects = _reconnects,
            };
        }
    }
}

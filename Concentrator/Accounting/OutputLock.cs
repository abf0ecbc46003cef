namespace Concentrator.Accounting;

/// <summary>
/// The lock of one output. It guards the output's counters (<see cref="OutputCounters"/>) and its queue in memory together, so that a
/// message enters and leaves both in one step, and the ledger balances whenever it is read. The counters own it because they outlive the
/// queue: a reload may give the output another one. Any thread may take it.
/// <para>
/// Order: the locks of the block pool, the back-pressure and the outages are taken while this one is held, never the other way round. It
/// is not held while a log of segments is written or read.
/// </para>
/// A value type, so that <c>lock (gate)</c>, which would take the lock of another object, does not compile.
/// </summary>
internal readonly struct OutputLock()
{
    private readonly Lock _lock = new();

    /// <summary>Takes the lock until the returned scope is disposed: <c>using (gate.Enter())</c>. Only the same thread may dispose it.</summary>
    public Lock.Scope Enter() => _lock.EnterScope();

    /// <summary>Takes the lock if that needs no waiting; the caller then calls <see cref="Exit"/>.</summary>
    public bool TryEnter() => _lock.TryEnter();

    public void Exit() => _lock.Exit();
}

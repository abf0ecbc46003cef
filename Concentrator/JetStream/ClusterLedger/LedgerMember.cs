namespace Concentrator.JetStream.ClusterLedger;

/// <summary>A member as its sessions, one after the other, need it.</summary>
/// <param name="Stream">The stream of messages.</param>
/// <param name="MayCreate">Whether the ledger's stream is created where it does not exist.</param>
/// <param name="Replicas">Servers that hold it then: as many as hold the stream, where that is known.</param>
/// <param name="Read">Reads the figures of now. Any thread.</param>
/// <param name="Time">The clock.</param>
/// <param name="Say">Logs why the ledger lacks this member, and what would help, in one line.</param>
internal sealed record LedgerMember(string Stream, bool MayCreate, int Replicas, Func<LedgerRecord> Read, TimeProvider Time, Action<string> Say)
{
    private string _said = "";

    /// <summary>Says it, unless it was the last thing that was said.</summary>
    public void SayOnce(string problem)
    {
        if (Interlocked.Exchange(ref _said, problem) != problem) Say(problem);
    }
}

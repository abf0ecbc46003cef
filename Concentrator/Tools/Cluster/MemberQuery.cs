using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Concentrator.JetStream;
using Concentrator.JetStream.ClusterLedger;
using NATS.Client.Core;

namespace Concentrator.Tools.Cluster;

/// <summary>
/// Reads the records of all members over a session: what the ledger's stream keeps, and what those answer that run. A question has a word, and the
/// records that answer it have the same word. One caller at a time.
/// </summary>
internal sealed class MemberQuery(NatsSession session, ClusterTarget target)
{
    /// <summary>How long members are waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The same for members whose last record is that of a stop. One may run all the same: a reload or a hand-over starts the next before the last one has ended.
    /// </summary>
    private static readonly TimeSpan PatienceWithStopped = TimeSpan.FromMilliseconds(500);

    /// <summary>Records that are read; a cluster with more members than that is not foreseen.</summary>
    private const int MostRecords = 10_000;

    // Members that let a question pass, by their identity: they are not waited for again.
    private readonly HashSet<string> _silent = new(StringComparer.Ordinal);
    private readonly HashSet<string> _alive = new(StringComparer.Ordinal);
    private INatsSub<byte[]>? _answers;
    private bool _isFirst = true;

    /// <summary>Asks all members, and waits until those that are expected have answered, at most for <see cref="Patience"/>.</summary>
    public async Task<ClusterMembers> AskAsync(CancellationToken stop)
    {
        List<string> problems = [];
        _answers ??= await session.Connection.SubscribeCoreAsync(
            LedgerNames.AllOf(target.Stream), serializer: NatsRawSerializer<byte[]>.Default, cancellationToken: session.Over).ConfigureAwait(false);
        Dictionary<string, LedgerRecord> stored = await ReadStoredAsync(problems, stop).ConfigureAwait(false);
        string word = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        HashSet<string> expected = [.. stored.Values.Where(static record => !record.IsStopped).Select(static record => record.Member).Except(_silent), .. _alive];
        HashSet<string> stopped = [.. stored.Keys.Except(_silent).Except(expected)];

        // Where nothing is kept, nobody knows who may answer.
        bool waitsForAll = _isFirst && stored.Count == 0;
        _isFirst = false;
        await session.TellAsync(LedgerNames.AskOf(target.Stream), Encoding.ASCII.GetBytes(word)).ConfigureAwait(false);
        Dictionary<string, LedgerRecord> fresh = await HearAsync(word, expected, stopped, waitsForAll, stop).ConfigureAwait(false);
        if (!expected.IsSubsetOf(fresh.Keys))
        {
            // An answer may have gone another way: it is kept too.
            foreach (LedgerRecord record in (await ReadStoredAsync([], stop).ConfigureAwait(false)).Values)
            {
                stored[record.Member] = record;
                if (record.Answers == word) fresh[record.Member] = record;
            }
        }
        _silent.UnionWith(expected);
        _silent.UnionWith(stopped);
        _silent.ExceptWith(fresh.Keys);
        _alive.UnionWith(fresh.Keys);
        _alive.ExceptWith(_silent);
        IEnumerable<ClusterMember> all = fresh.Values.Select(static record => new ClusterMember(record, IsFresh: true))
            .Concat(stored.Values.Where(record => !fresh.ContainsKey(record.Member)).Select(static record => new ClusterMember(record, IsFresh: false)));
        return new ClusterMembers(
            [.. all.OrderBy(static m => m.Record.Host, StringComparer.Ordinal).ThenBy(static m => m.Record.Name, StringComparer.Ordinal).ThenBy(static m => m.Record.Began)], problems);
    }

    private async Task<Dictionary<string, LedgerRecord>> HearAsync(
        string word, HashSet<string> expected, HashSet<string> stopped, bool waitsForAll, CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        Dictionary<string, LedgerRecord> fresh = new(StringComparer.Ordinal);
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(stop, session.Over);
        patience.CancelAfter(Patience);
        try
        {
            while (waitsForAll || !expected.IsSubsetOf(fresh.Keys) || !stopped.IsSubsetOf(fresh.Keys))
            {
                if (!waitsForAll && expected.IsSubsetOf(fresh.Keys))
                {
                    TimeSpan left = PatienceWithStopped - Stopwatch.GetElapsedTime(began);
                    if (left <= TimeSpan.Zero) break;
                    patience.CancelAfter(left);
                }
                NatsMsg<byte[]> message = await _answers!.Msgs.ReadAsync(patience.Token).ConfigureAwait(false);
                if (Read(message.Subject, message.Data ?? [], out _) is { } record && record.Answers == word) fresh[record.Member] = record;
            }
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            // Expected: some are away.
        }
        return fresh;
    }

    private async Task<Dictionary<string, LedgerRecord>> ReadStoredAsync(List<string> problems, CancellationToken stop)
    {
        Dictionary<string, LedgerRecord> records = new(StringComparer.Ordinal);
        string stream = LedgerNames.StreamOf(target.Stream);
        long next = 1;
        for (int read = 0; read < MostRecords; read++)
        {
            (StoredMessage? message, ApiError? error) = await StoredMessages.NextAsync(session, stream, next, stop).ConfigureAwait(false);
            if (error is not null)
            {
                problems.Add(error.Number == ApiError.StreamNotFound
                    ? $"stream {stream} does not exist, so only members that answer are known; run: {LedgerStream.CommandFor(target.Stream, target.Replicas)}"
                    : $"stream {stream} cannot be read, so only members that answer are known: {error}");
                return records;
            }
            if (message is null) return records;
            next = message.Sequence + 1;
            if (Read(message.Subject, message.Bytes, out string problem) is { } record) records[record.Member] = record;
            else problems.Add($"the record at {message.Subject} is not used: {problem}");
        }
        problems.Add(FormattableString.Invariant($"stream {stream} has more than {MostRecords} records; the others are not used"));
        return records;
    }

    /// <summary>A record counts only at the subject of its member.</summary>
    private LedgerRecord? Read(string subject, byte[] bytes, out string problem)
    {
        LedgerRecord? record = LedgerRecordJson.Read(bytes, out problem);
        if (record is null || subject == LedgerNames.SubjectOf(target.Stream, record.Member)) return record;
        problem = "it is of another member";
        return null;
    }
}

namespace Concentrator.JetStream.ClusterLedger;

/// <summary>
/// The names of the ledger beside a stream. The name of a stream has no dot, blank or wildcard, so it is also a word of a subject; the name of a
/// stream of ours ends in <c>_ledger</c>.
/// </summary>
internal static class LedgerNames
{
    private const string Prefix = "concentrator-ledger";

    /// <summary>The stream that keeps the last record of each member.</summary>
    public static string StreamOf(string stream) => $"{stream}_ledger";

    /// <summary>Where a member publishes its record.</summary>
    public static string SubjectOf(string stream, string member) => $"{Prefix}.{stream}.{member}";

    /// <summary>The records of all members.</summary>
    public static string AllOf(string stream) => SubjectOf(stream, "*");

    /// <summary>Where members are asked for a fresh record; no stream keeps it.</summary>
    public static string AskOf(string stream) => $"{Prefix}-ask.{stream}";
}

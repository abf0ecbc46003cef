namespace Concentrator.Bench.Compare;

/// <summary>What the configurations of the other programs have in common.</summary>
internal static class Incumbents
{
    public const string IntakeKey = "0123456789abcdef";

    /// <summary>Messages that a tuned program may hold in memory: enough for every burst of the trials.</summary>
    public const int QueueLength = 200_000;
}

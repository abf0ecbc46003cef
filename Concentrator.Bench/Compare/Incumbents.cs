namespace Concentrator.Bench.Compare;

/// <summary>Settings that the configurations of the other programs share.</summary>
internal static class Incumbents
{
    public const string IntakeKey = "0123456789abcdef";

    /// <summary>Messages that a tuned program may queue in memory: enough for every burst of the trials.</summary>
    public const int QueueLength = 200_000;
}

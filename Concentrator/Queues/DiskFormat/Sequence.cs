namespace Concentrator.Queues.DiskFormat;

/// <summary>Sequence numbers of messages: from 1, increasing by one per message over the whole life of a spool directory.</summary>
internal static class Sequence
{
    public const long First = 1;

    /// <summary>
    /// Largest valid number on disk: at a million messages a second it is reached after 146,000 years,
    /// and the sum of two numbers does not overflow.
    /// </summary>
    public const long Max = 1L << 62;

    public static bool IsValid(long sequence) => sequence is >= First and <= Max;
}

namespace Concentrator.Queues.Files;

/// <summary>Numbers of messages: from 1, one more a message, over the whole life of a spool directory.</summary>
internal static class Sequence
{
    public const long First = 1;

    /// <summary>
    /// No number on disk is taken for one beyond this: at a million messages a second it is reached after 146,000 years,
    /// and sums of two numbers stay below overflow.
    /// </summary>
    public const long Max = 1L << 62;

    public static bool IsValid(long sequence) => sequence is >= First and <= Max;
}

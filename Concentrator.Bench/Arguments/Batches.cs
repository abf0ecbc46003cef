namespace Concentrator.Bench.Arguments;

/// <summary>The number of messages that a sender passes to the kernel in one call.</summary>
internal static class Batches
{
    /// <summary>UIO_MAXIOV: the limit of <c>sendmmsg</c>.</summary>
    public const int Most = 1024;

    /// <summary>A suffix for result titles; empty for one message per call, as HAProxy sends.</summary>
    public static string Named(int batch) => batch == 1 ? "" : $", by a sender that batches {batch} messages per call";
}

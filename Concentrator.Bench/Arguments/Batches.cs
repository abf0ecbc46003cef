namespace Concentrator.Bench.Arguments;

/// <summary>How many messages a sender gives the kernel at once.</summary>
internal static class Batches
{
    /// <summary>UIO_MAXIOV: what <c>sendmmsg</c> takes.</summary>
    public const int Most = 1024;

    /// <summary>For the title of every result: nothing for HAProxy's way.</summary>
    public static string Named(int batch) => batch == 1 ? "" : $", by a sender that batches {batch} messages a call";
}

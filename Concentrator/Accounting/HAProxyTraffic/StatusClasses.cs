using System.Runtime.CompilerServices;

namespace Concentrator.Accounting.HAProxyTraffic;

/// <summary>The classes of HTTP's status, and what stands in their place; the value of the <c>code</c> label.</summary>
internal static class StatusClasses
{
    /// <summary>No status was sent: HAProxy writes -1.</summary>
    public const int None = 0;

    /// <summary>A session of a TCP proxy, which has no status.</summary>
    public const int Tcp = 6;

    public const int Count = 7;

    private static readonly string[] Labels = ["none", "1xx", "2xx", "3xx", "4xx", "5xx", "tcp"];

    /// <param name="status">As in the line.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int NumberOf(int status) => (uint)(status - 100) < 500 ? status / 100 : None;

    public static string Label(int number) => Labels[number];
}

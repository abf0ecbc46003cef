using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>The resource limits of this process (getrlimit(2)).</summary>
internal static partial class LimitCalls
{
    // RLIMIT_NOFILE on every Linux architecture that .NET runs on.
    private const int OpenFiles = 7;

    /// <summary>Descriptors that this process may have open at once; <see cref="long.MaxValue"/> if unlimited or unknown.</summary>
    public static long Descriptors => GetLimit(OpenFiles, out Limit limit) == 0 ? ToLong(limit.Soft) : long.MaxValue;

    /// <summary>
    /// Raises the soft limit of descriptors to the hard one, which needs no privilege. The soft limit, often 1024, is for programs that use
    /// select(2); this server does not, and starts no other programs.
    /// </summary>
    public static void RaiseDescriptors()
    {
        if (GetLimit(OpenFiles, out Limit limit) != 0 || limit.Soft >= limit.Hard) return;
        limit.Soft = limit.Hard;

        // If this fails, the lower limit stays in force, and Descriptors returns it.
        _ = SetLimit(OpenFiles, in limit);
    }

    private static long ToLong(ulong value) => value > long.MaxValue ? long.MaxValue : (long)value;

    /// <summary>struct rlimit.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }

    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limit limit);
}

using System.Runtime.InteropServices;

namespace Concentrator.Native;

/// <summary>What .NET does not offer for descriptors that another process opened, and for knowing that process.</summary>
internal static partial class DescriptorCalls
{
    private const int SetFlags = 2;
    private const int CloseOnExecFlag = 1;

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, int argument);

    /// <summary>The user whose rights this process has.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>False when no such descriptor is open.</summary>
    public static bool TrySetCloseOnExec(int descriptor) => Control(descriptor, SetFlags, CloseOnExecFlag) == 0;
}

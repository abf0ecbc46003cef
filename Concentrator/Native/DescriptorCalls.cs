using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Native;

/// <summary>What .NET does not offer for descriptors: flags of those that are open, those of other processes, and whose rights this process has.</summary>
internal static partial class DescriptorCalls
{
    private const int SetFlags = 2;
    private const int SetStatusFlags = 4;
    private const int CloseOnExecFlag = 1;

    // Numbers that all processors share (Linux 5.6); glibc has functions for them from 2.36 on.
    private const nint OpenProcess = 434;
    private const nint GetDescriptor = 438;

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, int argument);

    /// <summary>The user whose rights this process has.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>False when no such descriptor is open.</summary>
    public static bool TrySetCloseOnExec(int descriptor) => Control(descriptor, SetFlags, CloseOnExecFlag) == 0;

    /// <summary>
    /// A descriptor of another process, which this one has too from now on, closed when it starts another: pidfd_getfd(2), for root. Null where the
    /// process has ended or the system refuses.
    /// </summary>
    /// <param name="process">Its number.</param>
    /// <param name="descriptor">Of that process.</param>
    /// <param name="error">The number of the system's reason, where the answer is null.</param>
    public static nint? TryShare(int process, int descriptor, out int error)
    {
        using SafeFileHandle handle = new(Call(OpenProcess, process, 0, 0), ownsHandle: true);
        nint shared = handle.IsInvalid ? -1 : Call(GetDescriptor, handle.DangerousGetHandle(), descriptor, 0);
        error = Marshal.GetLastPInvokeError();
        return shared < 0 ? null : shared;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third);

    /// <summary>From now on calls on this file wait, whatever it was opened with. False, with the system's reason, when that cannot be.</summary>
    /// <param name="file">Open, and the caller's alone.</param>
    /// <param name="flags">Its status flags that stay: <see cref="FileCalls.Append"/> or 0.</param>
    public static bool TryMakeBlocking(SafeFileHandle file, int flags) => Control((int)file.DangerousGetHandle(), SetStatusFlags, flags) == 0;
}

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Concentrator.Native;

/// <summary>Descriptor calls that .NET lacks: flags of open ones, those of other processes; and this process's effective user.</summary>
internal static partial class DescriptorCalls
{
    private const int SetFlags = 2;
    private const int SetStatusFlags = 4;
    private const int CloseOnExecFlag = 1;

    // System call numbers shared by all architectures (Linux 5.6); glibc has wrappers from 2.36 on.
    private const nint OpenProcess = 434;
    private const nint GetDescriptor = 438;

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command, int argument);

    /// <summary>The user id whose rights this process has.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    /// <summary>False if no such descriptor is open.</summary>
    public static bool TrySetCloseOnExec(int descriptor) => Control(descriptor, SetFlags, CloseOnExecFlag) == 0;

    /// <summary>
    /// Duplicates a descriptor of another process into this one, close-on-exec: pidfd_getfd(2), for root. Null if the process has ended or
    /// the call fails.
    /// </summary>
    /// <param name="process">The process id.</param>
    /// <param name="descriptor">The descriptor's number in that process.</param>
    /// <param name="error">The errno, if the result is null.</param>
    public static nint? TryShare(int process, int descriptor, out int error)
    {
        using SafeFileHandle handle = new(Call(OpenProcess, process, 0, 0), ownsHandle: true);
        nint shared = handle.IsInvalid ? -1 : Call(GetDescriptor, handle.DangerousGetHandle(), descriptor, 0);
        error = Marshal.GetLastPInvokeError();
        return shared < 0 ? null : shared;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third);

    /// <summary>Makes calls on this file block, whatever flags it was opened with. False on failure, with the errno set.</summary>
    /// <param name="file">An open file that only the caller uses.</param>
    /// <param name="flags">The status flags to keep: <see cref="FileCalls.Append"/> or 0.</param>
    public static bool TryMakeBlocking(SafeFileHandle file, int flags) => Control((int)file.DangerousGetHandle(), SetStatusFlags, flags) == 0;
}

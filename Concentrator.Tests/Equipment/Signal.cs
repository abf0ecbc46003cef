using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Concentrator.Tests.Equipment;

/// <summary>Linux signal numbers that tests send.</summary>
internal enum Signal
{
    Hup = 1,
    Int = 2,
    Kill = 9,
    Usr1 = 10,
    Term = 15,
    Cont = 18,
    Stop = 19,
}

/// <summary>kill(2), for one process by its id.</summary>
internal static partial class Signals
{
    private const int NoSuchProcess = 3;

    /// <summary>False when the process is gone already.</summary>
    /// <exception cref="Win32Exception">Not permitted.</exception>
    public static bool Send(int pid, Signal signal)
    {
        // Zero and below name groups of processes; no test may ever reach those.
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(pid, 1);
        if (Kill(pid, (int)signal) == 0) return true;
        int error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error);
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}

using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A kernel that does not know a socket option: setsockopt for it is answered ENOPROTOOPT, as older kernels and user-mode
/// emulators answer. A seccomp filter of one thread does it; what that thread starts inherits the filter, nobody else has it.
/// </summary>
internal static unsafe partial class WithoutSocketOption
{
    /// <summary>SO_RXQ_OVFL of SOL_SOCKET: each datagram carries the count of those dropped before it.</summary>
    public const int ReceiveQueueOverflow = 40;

    private const int SocketLevel = 1;
    private const int ProtocolNotAvailable = 92;

    // linux/prctl.h, linux/seccomp.h, linux/bpf_common.h.
    private const int SetNoNewPrivileges = 38;
    private const int SetSeccomp = 22;
    private const int FilterMode = 2;
    private const uint Allow = 0x7FFF_0000;
    private const uint Fail = 0x0005_0000;
    private const ushort LoadWord = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;

    private static uint SetSocketOption => RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 208u : 54u;

    /// <summary>Runs <paramref name="work"/> on a thread for which <paramref name="option"/> of SOL_SOCKET does not exist.</summary>
    public static T Run<T>(int option, Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            try
            {
                Forbid(option);
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    private static void Forbid(int option)
    {
        // struct seccomp_data: the call's number at 0, its arguments from 16, eight bytes each, the lower half first.
        ReadOnlySpan<Instruction> program =
        [
            new(LoadWord, 0), new(JumpIfEqual, SetSocketOption, 0, 5),
            new(LoadWord, 16 + 8), new(JumpIfEqual, SocketLevel, 0, 3),
            new(LoadWord, 16 + 16), new(JumpIfEqual, (uint)option, 0, 1),
            new(Return, Fail | ProtocolNotAvailable),
            new(Return, Allow),
        ];
        fixed (Instruction* first = program)
        {
            Filter filter = new() { Count = (ushort)program.Length, Instructions = first };
            if (Control(SetNoNewPrivileges, 1, 0, 0, 0) != 0 || Control(SetSeccomp, FilterMode, (nuint)(&filter), 0, 0) != 0)
                throw new IOException($"seccomp: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "prctl", SetLastError = true)]
    private static partial int Control(int what, nuint a, nuint b, nuint c, nuint d);

    /// <summary>struct sock_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Instruction(ushort code, uint operand, byte ifTrue = 0, byte ifFalse = 0)
    {
        private readonly ushort _code = code;
        private readonly byte _ifTrue = ifTrue;
        private readonly byte _ifFalse = ifFalse;
        private readonly uint _operand = operand;
    }

    /// <summary>struct sock_fprog.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Filter
    {
        public ushort Count;
        public Instruction* Instructions;
    }
}

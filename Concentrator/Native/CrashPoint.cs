using System.Diagnostics;

namespace Concentrator.Native;

/// <summary>
/// Named instructions at which a debug build kills itself (SIGKILL) when <see cref="Variable"/> says so, or hangs when
/// <see cref="HangVariable"/> does: the tests use them to die, or stop a thread, in every state that a message passes through. A release
/// build has none of it.
/// </summary>
internal static class CrashPoint
{
    /// <summary><c>NAME</c> or <c>NAME:N</c>: at the Nth time that this point is reached.</summary>
    public const string Variable = "CONCENTRATOR_CRASH_AT";

    /// <summary>The same, of the thread that stays there for good.</summary>
    public const string HangVariable = "CONCENTRATOR_HANG_AT";

    private static readonly Point Crash = new(Environment.GetEnvironmentVariable(Variable));
    private static readonly Point Hang = new(Environment.GetEnvironmentVariable(HangVariable));

    /// <summary>A state that a test may want to die in. Any thread.</summary>
    [Conditional("DEBUG")]
    public static void Reach(string name)
    {
        if (Hang.IsMet(name)) Thread.Sleep(Timeout.Infinite);
        if (!Crash.IsMet(name)) return;
        using Process self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }

    private sealed class Point
    {
        private readonly string? _name;
        private int _left = 1;

        public Point(string? wanted)
        {
            string[] parts = (wanted ?? "").Split(':');
            if (parts[0].Length > 0) _name = parts[0];
            if (parts.Length > 1 && int.TryParse(parts[1], out int count)) _left = count;
        }

        public bool IsMet(string name) => _name == name && Interlocked.Decrement(ref _left) == 0;
    }
}

using System.Diagnostics;

namespace Concentrator.Native;

/// <summary>
/// Named points at which a debug build kills itself (SIGKILL) if <see cref="Variable"/> names one, or hangs if
/// <see cref="HangVariable"/> does. Tests use them to die, or to stop a thread, in every state that a message passes through. A release
/// build contains none of it.
/// </summary>
internal static class CrashPoint
{
    /// <summary><c>NAME</c> or <c>NAME:N</c>: dies the Nth time that the point is reached.</summary>
    public const string Variable = "CONCENTRATOR_CRASH_AT";

    /// <summary>The same notation, for a thread that stays at the point forever.</summary>
    public const string HangVariable = "CONCENTRATOR_HANG_AT";

    private static readonly Point Crash = new(Environment.GetEnvironmentVariable(Variable));
    private static readonly Point Hang = new(Environment.GetEnvironmentVariable(HangVariable));

    /// <summary>Marks a state that a test may die in. Any thread may call.</summary>
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

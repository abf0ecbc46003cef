using System.Diagnostics;

namespace Concentrator.Native;

/// <summary>
/// Named instructions at which a debug build kills itself (SIGKILL) when <see cref="Variable"/> says so: the tests use them to
/// die in every state that a message passes through. A release build has none of it.
/// </summary>
internal static class CrashPoint
{
    /// <summary><c>NAME</c> or <c>NAME:N</c>: at the Nth time that this point is reached.</summary>
    public const string Variable = "CONCENTRATOR_CRASH_AT";

    private static readonly string? Wanted;
    private static int _left;

    static CrashPoint()
    {
        string[] parts = (Environment.GetEnvironmentVariable(Variable) ?? "").Split(':');
        Wanted = parts[0].Length == 0 ? null : parts[0];
        _left = parts.Length > 1 && int.TryParse(parts[1], out int count) ? count : 1;
    }

    /// <summary>A state that a test may want to die in. Any thread.</summary>
    [Conditional("DEBUG")]
    public static void Reach(string name)
    {
        if (Wanted is null || Wanted != name || Interlocked.Decrement(ref _left) != 0) return;
        using Process self = Process.GetCurrentProcess();
        self.Kill();
        Thread.Sleep(Timeout.Infinite);
    }
}

namespace Concentrator.Tests.Equipment;

/// <summary>
/// How long a test waits before it calls something broken. Generous on purpose: a shared two-core machine is slow, and a
/// deadline that is met costs nothing.
/// </summary>
internal static class Deadline
{
    /// <summary>One reaction: a reply, a connection, a line in a file.</summary>
    public static readonly TimeSpan Reaction = TimeSpan.FromSeconds(30);

    /// <summary>A program from start to listening, or from SIGTERM to its exit.</summary>
    public static readonly TimeSpan Process = TimeSpan.FromSeconds(60);

    /// <summary>Hundreds of thousands of messages from one end to the other.</summary>
    public static readonly TimeSpan Transfer = TimeSpan.FromSeconds(120);
}

using System.Diagnostics;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>Waits for a condition by asking again and again; the test fails with the caller's words when the deadline passes.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Fails unless the condition holds in time.</summary>
    /// <param name="condition">Cheap and free of side effects; asked every few milliseconds.</param>
    /// <param name="what">Completes the sentence "not in time: ...".</param>
    /// <param name="within"><see cref="Deadline.Reaction"/> when null.</param>
    /// <param name="detail">Asked only on failure: what was seen instead.</param>
    public static void Holds(Func<bool> condition, string what, TimeSpan? within = null, Func<string>? detail = null)
    {
        TimeSpan limit = within ?? Deadline.Reaction;
        if (!TryHold(condition, limit))
            Assert.Fail($"not in time ({limit.TotalSeconds:0.#} s): {what}{(detail is null ? "" : $"\n{detail()}")}");
    }

    /// <summary>Whether the condition held before the limit.</summary>
    public static bool TryHold(Func<bool> condition, TimeSpan limit)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            if (Stopwatch.GetElapsedTime(start) > limit) return condition();
            Thread.Sleep(Pause);
        }
        return true;
    }
}

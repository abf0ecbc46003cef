using System.Collections.Concurrent;

namespace Concentrator.Tests.Faults.EverySender;

/// <summary>
/// The messages of one socket or one connection, numbered from 0 in the order in which they are sent. Written by its sender's thread,
/// read by the judge when that has ended.
/// </summary>
internal sealed class Series(int id, string kind, int life)
{
    /// <summary>Bytes below which no limit of the scenario cuts anything.</summary>
    private const int Small = 4096;

    private readonly ConcurrentDictionary<int, int> _large = new();

    public int Id { get; } = id;

    /// <summary>The sender's name.</summary>
    public string Kind { get; } = kind;

    /// <summary>The server's life that a connection was made in; <see cref="Lives.All"/> for a socket that outlives them.</summary>
    public int Life { get; } = life;

    /// <summary>So many may have left us, the one that failed included.</summary>
    public int Attempted { get; private set; }

    /// <summary>So many were taken by the kernel, whole.</summary>
    public int Sent { get; private set; }

    /// <summary>The socket outlives every server, or the connection ended in order: all that was sent is promised.</summary>
    public bool IsKept { get; set; }

    /// <summary>The sender ended the connection as it meant to, orderly or not, and its kernel had sent everything before.</summary>
    public bool EndedAsMeant { get; set; }

    /// <summary>The number of a message that was begun and, on purpose, never ended; -1 for none.</summary>
    public int Unfinished { get; set; } = -1;

    /// <summary>The next message, of so many bytes, goes out.</summary>
    public Mark Next(int length)
    {
        if (length >= Small) _large[Attempted] = length;
        return new Mark(Id, Attempted++);
    }

    /// <summary>It is with the kernel.</summary>
    public void Went() => Sent = Attempted;

    /// <summary>Of a message; 0 for one that no limit cuts.</summary>
    public int Length(int number) => _large.GetValueOrDefault(number);

    /// <summary>The numbers of messages longer than that.</summary>
    public int CountAbove(int length) => _large.Count(large => large.Key < Sent && large.Value > length);
}

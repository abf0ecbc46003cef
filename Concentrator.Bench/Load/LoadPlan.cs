using System.Net;
using Concentrator.Bench.Arguments;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Bench.Load;

/// <summary>What to send, and where. Immutable.</summary>
internal sealed record LoadPlan
{
    public required Transport Transport { get; init; }

    public required EndPoint Target { get; init; }

    /// <summary>The messages to send in turn.</summary>
    public required IReadOnlyList<FrameTemplate> Messages { get; init; }

    /// <summary>The rate of all connections together.</summary>
    public RateRange Rate { get; init; }

    /// <summary>Total messages; zero means no limit. The run ends at this or <see cref="Duration"/>, whichever is first.</summary>
    public long Count { get; init; }

    /// <summary>Zero means no limit: the run ends at <see cref="Count"/>. A ramp of rates lasts exactly this long.</summary>
    public TimeSpan Duration { get; init; }

    public int Connections { get; init; } = 1;

    /// <summary>For streams: octet counting or LF.</summary>
    public Framing Framing { get; init; } = Framing.OctetCounted;

    /// <summary>For datagrams. Sends as HAProxy does: without waiting, and what the socket does not accept is lost.</summary>
    public bool NonBlocking { get; init; }

    /// <summary>
    /// Messages per system call. 1 is HAProxy's way: one <c>sendmsg</c> per datagram, or one write per message on a stream. More use
    /// <c>sendmmsg</c>, or one write for that many frames.
    /// </summary>
    public int Batch { get; init; } = 1;

    /// <summary>Messages sent back to back; zero chooses a number with at most 10,000 bursts per second.</summary>
    public int Burst { get; init; }

    /// <summary>SO_SNDBUF in bytes; null keeps the kernel's default, as HAProxy before 2.9 does.</summary>
    public int? SendBuffer { get; init; }

    /// <summary>The sender number of the first connection's stamps; the other connections use the next ones.</summary>
    public ushort FirstSender { get; init; }
}

/// <summary>The result of a <see cref="LoadPlan"/>.</summary>
internal sealed record LoadResult
{
    /// <summary>Messages that the kernel accepted.</summary>
    public required long Sent { get; init; }

    /// <summary>Messages lost at a full socket (EAGAIN), which HAProxy counts as DroppedLogs.</summary>
    public required long Dropped { get; init; }

    /// <summary>Messages lost for another reason: no receiver, no permission, too long. HAProxy does not count these.</summary>
    public required long Failed { get; init; }

    public required TimeSpan Elapsed { get; init; }

    /// <summary>User and system time of the sending threads.</summary>
    public required TimeSpan Cpu { get; init; }

    /// <summary>The time just before the first message, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public required long BeganAt { get; init; }

    /// <summary>What ended a connection early; null if nothing did.</summary>
    public string? Failure { get; init; }

    public long Offered => Sent + Dropped + Failed;

    /// <summary>Messages per second that were offered.</summary>
    public double Rate => Elapsed > TimeSpan.Zero ? Offered / Elapsed.TotalSeconds : 0;

    public double CpuMicrosecondsPerMessage => Offered > 0 ? Cpu.TotalMicroseconds / Offered : 0;
}

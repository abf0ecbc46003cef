using System.Net;
using Concentrator.Bench.Arguments;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;

namespace Concentrator.Bench.Load;

/// <summary>What to send where. Immutable.</summary>
internal sealed record LoadPlan
{
    public required Transport Transport { get; init; }

    public required EndPoint Target { get; init; }

    /// <summary>Sent in turn.</summary>
    public required IReadOnlyList<FrameTemplate> Messages { get; init; }

    /// <summary>Of all connections together.</summary>
    public RateRange Rate { get; init; }

    /// <summary>Messages in all; zero means until <see cref="Duration"/> is over. Whichever is reached first ends the run.</summary>
    public long Count { get; init; }

    /// <summary>Zero means until <see cref="Count"/> is sent. A ramp of rates takes exactly this long.</summary>
    public TimeSpan Duration { get; init; }

    public int Connections { get; init; } = 1;

    /// <summary>Streams only: octet counting or LF.</summary>
    public Framing Framing { get; init; } = Framing.OctetCounted;

    /// <summary>Datagrams only. HAProxy's way: nothing is waited for, and what does not go at once is lost.</summary>
    public bool NonBlocking { get; init; }

    /// <summary>
    /// Messages a system call: 1 is HAProxy's way with datagrams (<c>sendmsg</c>), and one write a message on a stream; more are
    /// <c>sendmmsg</c>, or one write for so many frames.
    /// </summary>
    public int Batch { get; init; } = 1;

    /// <summary>Messages that leave back to back; zero chooses so many that there are at most 10,000 bursts a second.</summary>
    public int Burst { get; init; }

    /// <summary>SO_SNDBUF in bytes; null leaves the kernel's default, as HAProxy before 2.9 has to.</summary>
    public int? SendBuffer { get; init; }

    /// <summary>The stamp's sender of the first connection; the others follow.</summary>
    public ushort FirstSender { get; init; }
}

/// <summary>What came of it.</summary>
internal sealed record LoadResult
{
    /// <summary>Messages that the kernel took.</summary>
    public required long Sent { get; init; }

    /// <summary>Lost at a full socket (EAGAIN): what HAProxy counts as DroppedLogs.</summary>
    public required long Dropped { get; init; }

    /// <summary>Lost for another reason: nobody there, not permitted, too long. HAProxy counts these nowhere.</summary>
    public required long Failed { get; init; }

    public required TimeSpan Elapsed { get; init; }

    /// <summary>Of the sending threads, user and system time.</summary>
    public required TimeSpan Cpu { get; init; }

    /// <summary>When the first message was about to be sent, in ticks of <see cref="System.Diagnostics.Stopwatch"/>.</summary>
    public required long BeganAt { get; init; }

    /// <summary>What ended a connection before its time; null if nothing did.</summary>
    public string? Failure { get; init; }

    public long Offered => Sent + Dropped + Failed;

    /// <summary>Messages a second that were offered.</summary>
    public double Rate => Elapsed > TimeSpan.Zero ? Offered / Elapsed.TotalSeconds : 0;

    public double CpuMicrosecondsPerMessage => Offered > 0 ? Cpu.TotalMicroseconds / Offered : 0;
}

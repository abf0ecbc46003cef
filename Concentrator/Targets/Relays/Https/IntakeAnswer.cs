using System.Net;
using Concentrator.Targets.Relays.Connections;

namespace Concentrator.Targets.Relays.Https;

/// <summary>What an answer of the intake means for the events of its request.</summary>
internal enum AnswerKind : byte
{
    /// <summary>The answer names every event, or says of single ones that they are refused (<see cref="IntakeAnswer.Refused"/>).</summary>
    Taken,

    /// <summary>The body is too large, or the only event in it.</summary>
    TooLarge,

    /// <summary>The intake takes nothing now: everything is kept, whatever the events are.</summary>
    NotNow,

    /// <summary>The intake accepts neither the key nor its absence.</summary>
    KeyRejected,

    /// <summary>No complete answer came, or one that says nothing of the events, which may have been taken.</summary>
    None,

    /// <summary>The intake took nothing, and does not say that the key, the size or the time is why.</summary>
    Rejected,
}

/// <summary>The outcome of one request.</summary>
/// <param name="Kind">What it means.</param>
/// <param name="Reason">Why, in one line; empty for <see cref="AnswerKind.Taken"/>.</param>
internal sealed record IntakeAnswer(AnswerKind Kind, string Reason = "")
{
    public static readonly IntakeAnswer Taken = new(AnswerKind.Taken);

    /// <summary>Numbers of the events that are refused, in order, from 0, each with the reason.</summary>
    public IReadOnlyList<(int Event, string Reason)> Refused { get; init; } = [];

    /// <summary>The least time before the next request, where the answer has one.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether nothing came for so long that the request was given up.</summary>
    public bool IsSilence { get; init; }

    /// <summary>How the session ends with an answer that is none of <see cref="AnswerKind.Taken"/> and <see cref="AnswerKind.TooLarge"/>.</summary>
    public ConnectionEnd End => Kind is AnswerKind.NotNow or AnswerKind.KeyRejected
        ? new ConnectionEnd(Reason, InOrder: true, Pause: RetryAfter ?? TimeSpan.Zero)
        : new ConnectionEnd(Reason, InOrder: false, IsSilence: IsSilence, IsRefusal: Kind == AnswerKind.Rejected);

    /// <summary>The meaning of a status that is not a success.</summary>
    public static AnswerKind KindOf(HttpStatusCode status) => (int)status switch
    {
        413 => AnswerKind.TooLarge,
        401 or 403 => AnswerKind.KeyRejected,

        // Redirects and wrong paths are the configuration's fault, a timeout or a limit of the rate nobody's; none is about an event.
        (>= 300 and < 400) or 404 or 405 or 407 or 408 or 410 or 421 or 425 or 429 or >= 500 => AnswerKind.NotNow,
        _ => AnswerKind.Rejected,
    };
}

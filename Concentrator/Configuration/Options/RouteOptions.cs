using System.Net;

namespace Concentrator.Configuration.Options;

/// <summary>One entry of <c>Routes</c>. All conditions that are set must hold.</summary>
internal sealed record RouteOptions
{
    /// <summary>Position in the file, from 0; names the route in errors.</summary>
    public required int Index { get; init; }

    /// <summary>Names of listeners; null = any.</summary>
    public IReadOnlyList<string>? From { get; init; }

    /// <summary>Glob (<c>*</c> and <c>?</c>, letter case matters) over APP-NAME; null = any.</summary>
    public string? Program { get; init; }

    /// <summary>The same for <see cref="Messages.ProgramName"/>: <c>postfix</c> of <c>postfix/smtpd</c>; null = any.</summary>
    public string? ProgramName { get; init; }

    /// <summary>Glob (letter case ignored, as in DNS) over the host name shown for the message; null = any.</summary>
    public string? Host { get; init; }

    /// <summary>The sender's network; a message from a unix socket never matches; null = any.</summary>
    public IPNetwork? Sender { get; init; }

    /// <summary>Bit n set = severity n passes.</summary>
    public byte Severities { get; init; } = byte.MaxValue;

    /// <summary>Bit n set = facility n passes.</summary>
    public uint Facilities { get; init; } = (1u << 24) - 1;

    /// <summary>Texts (as UTF-8 bytes), at least one of which must occur in MSG; null = any message. Never empty.</summary>
    public IReadOnlyList<string>? Contains { get; init; }

    /// <summary>Texts that must all occur in MSG; null = any message. Never empty.</summary>
    public IReadOnlyList<string>? ContainsAll { get; init; }

    /// <summary>Overrides the output's own key; null = the output's.</summary>
    public Secret? IntakeKey { get; init; }

    /// <summary>Names of outputs; empty drops the message on purpose (with <see cref="Stop"/>).</summary>
    public required IReadOnlyList<string> To { get; init; }

    /// <summary>Whether a matching message is withheld from later routes.</summary>
    public bool Stop { get; init; }

    /// <summary>Compares by content, lists included: a reload compares old and new routes.</summary>
    public bool Equals(RouteOptions? other) =>
        other is not null
        && Index == other.Index
        && Same(From, other.From)
        && Program == other.Program
        && ProgramName == other.ProgramName
        && Host == other.Host
        && Sender == other.Sender
        && Severities == other.Severities
        && Facilities == other.Facilities
        && Same(Contains, other.Contains)
        && Same(ContainsAll, other.ContainsAll)
        && IntakeKey == other.IntakeKey
        && Same(To, other.To)
        && Stop == other.Stop;

    public override int GetHashCode() => HashCode.Combine(Index, Program, ProgramName, Host, Severities, Facilities, To.Count, Stop);

    /// <summary>Compares two lists by content; null equals only null.</summary>
    public static bool Same(IReadOnlyList<string>? a, IReadOnlyList<string>? b) =>
        a is null || b is null ? a is null && b is null : a.SequenceEqual(b);
}

using System.Net;
using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Import;

/// <summary>The conditions of one route, all of which must hold. Immutable.</summary>
internal sealed record RouteCondition
{
    public const uint AllFacilities = (1u << 24) - 1;

    public static readonly RouteCondition Always = new();

    /// <summary>Names of listeners; null = any.</summary>
    public IReadOnlyList<string>? From { get; init; }

    /// <summary>Pattern over the whole APP-NAME.</summary>
    public string? Program { get; init; }

    /// <summary>Pattern over the part of it before a slash, a colon or a bracket.</summary>
    public string? ProgramName { get; init; }

    public string? Host { get; init; }

    public IPNetwork? Sender { get; init; }

    /// <summary>One contiguous run of bits, because a route names its severities as a range.</summary>
    public byte Severities { get; init; } = byte.MaxValue;

    public uint Facilities { get; init; } = AllFacilities;

    /// <summary>Texts that must all occur; none contains another. In order.</summary>
    public IReadOnlyList<string> ContainsAll { get; init; } = [];

    /// <summary>Texts of which at least one must occur; null = any message.</summary>
    public IReadOnlyList<string>? ContainsAny { get; init; }

    /// <summary>Whether no message can match.</summary>
    public bool IsNever { get; private init; }

    public static RouteCondition Never { get; } = new() { IsNever = true };

    /// <summary>The conjunction of both; null if no single route can express it.</summary>
    public static RouteCondition? Both(RouteCondition a, RouteCondition b)
    {
        if (AreDisjoint(a, b)) return Never;
        if (!TryNarrow(a.Program, b.Program, ignoreCase: false, out string? program)
            || !TryNarrow(a.ProgramName, b.ProgramName, ignoreCase: false, out string? programName)
            || !TryNarrow(a.Host, b.Host, ignoreCase: true, out string? host))
        {
            return null;
        }
        List<string> all = WithoutImplied([.. a.ContainsAll, .. b.ContainsAll]);
        IReadOnlyList<string>? anyOfA = Implies(all, a.ContainsAny) ? null : a.ContainsAny;
        IReadOnlyList<string>? anyOfB = Implies(all, b.ContainsAny) ? null : b.ContainsAny;
        if (anyOfA is not null && anyOfB is not null && !anyOfA.SequenceEqual(anyOfB)) return null;
        return new RouteCondition
        {
            From = a.From is null ? b.From : b.From is null ? a.From : [.. a.From.Intersect(b.From)],
            Program = program,
            ProgramName = programName,
            Host = host,
            Sender = a.Sender is null || b.Sender is { } inner && inner.PrefixLength >= a.Sender.Value.PrefixLength ? b.Sender : a.Sender,
            Severities = (byte)(a.Severities & b.Severities),
            Facilities = a.Facilities & b.Facilities,
            ContainsAll = all,
            ContainsAny = anyOfA ?? anyOfB,
        };
    }

    /// <summary>The disjunction of two that differ only in the one text or the list of texts that must occur; else null.</summary>
    public static RouteCondition? EitherText(RouteCondition a, RouteCondition b)
    {
        RouteCondition rest = a with { ContainsAll = [], ContainsAny = null };
        if (!rest.Equals(b with { ContainsAll = [], ContainsAny = null })) return null;
        if (OnlyTexts(a) is not { } one || OnlyTexts(b) is not { } other) return null;
        return rest with { ContainsAny = [.. one.Union(other)] };
    }

    private static IReadOnlyList<string>? OnlyTexts(RouteCondition condition) => (condition.ContainsAll, condition.ContainsAny) switch
    {
        ({ Count: 1 } all, null) => all,
        ({ Count: 0 }, { } any) => any,
        _ => null,
    };

    /// <summary>Removes texts that are part of a longer one, because the longer one implies them.</summary>
    private static List<string> WithoutImplied(IReadOnlyList<string> texts) =>
        [.. texts.Distinct().Where(text => !texts.Any(other => other != text && other.Contains(text, StringComparison.Ordinal)))];

    private static bool Implies(IReadOnlyList<string> all, IReadOnlyList<string>? any) =>
        any is not null && all.Any(text => any.Any(part => text.Contains(part, StringComparison.Ordinal)));

    /// <summary>Whether certainly no message matches both.</summary>
    public static bool AreDisjoint(RouteCondition a, RouteCondition b) =>
        a.IsNever || b.IsNever
        || (a.Severities & b.Severities) == 0
        || (a.Facilities & b.Facilities) == 0
        || (a.From is not null && b.From is not null && !a.From.Intersect(b.From).Any())
        || AreApart(a.Program, b.Program, StringComparison.Ordinal)
        || AreApart(a.ProgramName, b.ProgramName, StringComparison.Ordinal)
        || AreApart(a.Host, b.Host, StringComparison.OrdinalIgnoreCase)
        || (a.Sender is { } one && b.Sender is { } other && !one.Contains(other.BaseAddress) && !other.Contains(one.BaseAddress));

    /// <summary>Compares by content, lists included.</summary>
    public bool Equals(RouteCondition? other) =>
        other is not null && IsNever == other.IsNever
        && RouteOptions.Same(From, other.From)
        && Program == other.Program && ProgramName == other.ProgramName && Host == other.Host && Sender == other.Sender && Severities == other.Severities
        && Facilities == other.Facilities && ContainsAll.SequenceEqual(other.ContainsAll) && RouteOptions.Same(ContainsAny, other.ContainsAny);

    public override int GetHashCode() => HashCode.Combine(Program, ProgramName, Host, Sender, Severities, Facilities, ContainsAll.Count);

    /// <summary>The narrower of two patterns. Patterns here are a text with an optional star at either end.</summary>
    private static bool TryNarrow(string? a, string? b, bool ignoreCase, out string? narrower)
    {
        StringComparison comparison = ignoreCase ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        narrower = a ?? b;
        if (a is null || b is null || a.Equals(b, comparison)) return true;
        narrower = IsPlain(a) && Matches(b, a, comparison) ? a
            : IsPlain(b) && Matches(a, b, comparison) ? b
            : IsPrefix(a) && IsPrefix(b) ? (a.Length > b.Length ? a : b)
            : null;
        return narrower is not null;
    }

    private static bool AreApart(string? a, string? b, StringComparison comparison)
    {
        if (a is null || b is null) return false;
        if (IsPlain(a)) return !Matches(b, a, comparison);
        if (IsPlain(b)) return !Matches(a, b, comparison);
        return IsPrefix(a) && IsPrefix(b) && !a.StartsWith(b[..^1], comparison) && !b.StartsWith(a[..^1], comparison);
    }

    /// <summary>Whether a host pattern matches this host.</summary>
    public static bool Takes(string pattern, string host) => Matches(pattern, host, StringComparison.OrdinalIgnoreCase);

    private static bool IsPlain(string pattern) => !pattern.Contains('*', StringComparison.Ordinal);

    private static bool IsPrefix(string pattern) => pattern.IndexOf('*', StringComparison.Ordinal) == pattern.Length - 1;

    private static bool Matches(string pattern, string text, StringComparison comparison) =>
        IsPlain(pattern) ? pattern.Equals(text, comparison)
        : IsPrefix(pattern) ? text.StartsWith(pattern[..^1], comparison)
        : pattern.EndsWith('*') ? text.Contains(pattern[1..^1], comparison)
        : text.EndsWith(pattern[1..], comparison);
}

using System.Net;
using System.Net.Sockets;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <summary>Translates rsyslog's conditions into conditions of routes.</summary>
/// <param name="inputs">All translated inputs.</param>
internal sealed class ConditionTranslator(IReadOnlyList<ImportedInput> inputs)
{
    private const int MostAlternatives = 64;

    /// <summary>
    /// Translates an atom into alternatives that exclude each other. A negated atom is a problem if only an earlier route that
    /// stops could express it.
    /// </summary>
    public Parsed<RouteCondition[]> Atom(FilterExpression atom, bool negated) => atom switch
    {
        FilterSelector selector => OfMasks(selector.Masks, negated),
        FilterComparison comparison => Compare(comparison, negated),
        FilterUnknown unknown => new Problem(unknown.Problem),
        _ => throw new ArgumentException($"{atom.GetType().Name} is not an atom", nameof(atom)),
    };

    /// <summary>
    /// How an expression's matches differ from rsyslog's, however it is translated: what the operator should know, and what is
    /// lost.
    /// </summary>
    public (IReadOnlyList<string> Said, IReadOnlyList<string> Lost) Remarks(FilterExpression expression)
    {
        List<FilterComparison> all = [.. Comparisons(expression)];
        List<FilterComparison> hosts = [.. all.Where(static comparison => comparison.Property is "hostname" or "source")];
        bool isLocal = hosts.Exists(static host => Pattern(host.Operator, host.Value) is string pattern && RouteCondition.Takes(pattern, "localhost"));
        bool fromNetwork = inputs.Any(static input => !input.Options.Address.IsUnix);
        List<string> said = [];
        if (hosts.Exists(static host => host.Value.Any(char.IsAsciiLetter))) said.Add("the host name is compared case-insensitively here");
        if (all.Exists(static comparison => comparison.Property == "programname" && comparison.Value.AsSpan().IndexOfAny("/:[") >= 0))
        {
            said.Add("rsyslog's programname ends before a slash, colon or bracket, so this comparison never matches");
        }
        return (
            said,
            isLocal && fromNetwork
                ? ["rsyslog uses localhost for local UDP or TCP messages without a host name; here they get this host's name"]
                : []);
    }

    private static IEnumerable<FilterComparison> Comparisons(FilterExpression expression) => expression switch
    {
        FilterAnd and => Comparisons(and.Left).Concat(Comparisons(and.Right)),
        FilterOr or => Comparisons(or.Left).Concat(Comparisons(or.Right)),
        FilterNot not => Comparisons(not.Inner),
        FilterComparison comparison => [comparison],
        _ => [],
    };

    /// <summary>What prevents any translation of an expression; null if nothing does.</summary>
    public string? FindProblem(FilterExpression expression) => expression switch
    {
        FilterAnd and => FindProblem(and.Left) ?? FindProblem(and.Right),
        FilterOr or => FindProblem(or.Left) ?? FindProblem(or.Right),
        FilterNot not => FindProblem(not.Inner),
        _ => Atom(expression, negated: false).TryGet(out _, out string? problem) ? null : problem,
    };

    /// <summary>
    /// Translates a whole expression into alternatives that exclude each other; null if only a sequence of routes can express it.
    /// </summary>
    public IReadOnlyList<RouteCondition>? Alternatives(FilterExpression expression, bool negated)
    {
        switch (expression)
        {
            case FilterNot not:
                return Alternatives(not.Inner, !negated);
            case FilterAnd and:
                return negated ? Union(and.Left, and.Right, negated) : Product(and.Left, and.Right, negated);
            case FilterOr or:
                return negated ? Product(or.Left, or.Right, negated) : Union(or.Left, or.Right, negated);
            default:
                return Atom(expression, negated).TryGet(out RouteCondition[]? conditions, out _) ? conditions : null;
        }
    }

    private List<RouteCondition>? Union(FilterExpression left, FilterExpression right, bool negated)
    {
        if (Alternatives(left, negated) is not { } one || Alternatives(right, negated) is not { } other) return null;
        if (one is [RouteCondition first] && other is [RouteCondition second] && RouteCondition.EitherText(first, second) is { } either) return [either];
        bool apart = one.All(a => other.All(b => RouteCondition.AreDisjoint(a, b)));
        return apart && one.Count + other.Count <= MostAlternatives ? [.. one, .. other] : null;
    }

    private List<RouteCondition>? Product(FilterExpression left, FilterExpression right, bool negated)
    {
        if (Alternatives(left, negated) is not { } one || Alternatives(right, negated) is not { } other) return null;
        if (one.Count * other.Count > MostAlternatives) return null;
        List<RouteCondition> both = [];
        foreach (RouteCondition a in one)
        {
            foreach (RouteCondition b in other)
            {
                if (RouteCondition.Both(a, b) is not { } condition) return null;
                if (!condition.IsNever) both.Add(condition);
            }
        }
        return both;
    }

    private Parsed<RouteCondition[]> Compare(FilterComparison comparison, bool negated)
    {
        (string property, string operation, string value) = comparison;
        if (value.Length == 0 && operation is "startswith" or "contains") return One(negated ? RouteCondition.Never : RouteCondition.Always);
        Problem unknown = new($"routes have no condition {property} {operation} {Problem.Quote(value)}");
        switch (property)
        {
            case "programname":
                if (value.AsSpan().IndexOfAny("/:[") >= 0) return One(negated ? RouteCondition.Always : RouteCondition.Never);
                return Pattern(operation, value) is not string program ? unknown
                    : negated ? InTurn : One(new RouteCondition { ProgramName = program });
            case "app-name" when value.AsSpan().IndexOfAny("/:[") < 0:
                return Pattern(operation, value) is not string application ? unknown
                    : negated ? InTurn : One(new RouteCondition { ProgramName = application });
            case "syslogtag" when (operation == "startswith" || (operation == "contains" && !value.All(char.IsAsciiDigit)))
                && value.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '%' or '/'):
                return negated ? InTurn : One(new RouteCondition { Program = Pattern(operation, value) });
            case "hostname" or "source":
                return Pattern(operation.EndsWith("_i", StringComparison.Ordinal) ? operation[..^2] : operation, value) is not string host ? unknown
                    : negated ? InTurn : One(new RouteCondition { Host = host });
            case "msg" when operation is "contains":
                return negated ? InTurn : One(new RouteCondition { ContainsAll = [value] });
            case "fromhost-ip":
                return Sender(operation, value) is not IPNetwork sender ? unknown : negated ? InTurn : FromSender(sender);
            case "inputname" when operation is "==":
                List<string> from = [.. inputs.Where(input => (input.InputName == value) != negated).Select(static input => input.Options.Name)];
                return One(from.Count == 0 ? RouteCondition.Never : new RouteCondition { From = from });
            case "syslogfacility-text" or "syslogfacility":
                return !Bits(operation, value, 24, static text => FacilityCondition.Parse(text).TryGet(out Messages.Facility f, out _) ? (int)f : null)
                    .TryGet(out uint facilities, out _) ? unknown : OfMasks(Masks(facilities, byte.MaxValue), negated);
            case "syslogseverity-text" or "syslogseverity" or "syslogpriority-text" or "syslogpriority":
                return !Bits(operation, value, 8, static text => SeverityCondition.Parse($"{text}..{text}").TryGet(out byte mask, out _)
                        && byte.IsPow2(mask) ? byte.Log2(mask) : null)
                    .TryGet(out uint severities, out _) ? unknown : OfMasks(Masks(RouteCondition.AllFacilities, (byte)severities), negated);
            default:
                return unknown;
        }
    }

    private static Problem InTurn => new("its negation cannot be expressed as a route condition");

    /// <summary>rsyslog gives messages from unix sockets the address 127.0.0.1; here they have none.</summary>
    private Parsed<RouteCondition[]> FromSender(IPNetwork sender)
    {
        List<string> unix = [.. inputs.Where(static input => input.Options.Address.IsUnix).Select(static input => input.Options.Name)];
        RouteCondition network = new() { Sender = sender };
        return unix.Count == 0 || !sender.Contains(IPAddress.Loopback) ? One(network)
            : unix.Count == inputs.Count ? One(new RouteCondition { From = unix })
            : (RouteCondition[])[
                new RouteCondition { From = unix },
                network with { From = [.. inputs.Select(static input => input.Options.Name).Except(unix)] },
            ];
    }

    private static string? Pattern(string operation, string value) =>
        value.AsSpan().IndexOfAny('*', '?') >= 0 || value.Length == 0 ? null : operation switch
        {
            "==" => value,
            "startswith" => $"{value}*",
            "endswith" => $"*{value}",
            "contains" => $"*{value}*",
            _ => null,
        };

    /// <summary>Parses one address, or the beginning of an IPv4 address up to a dot.</summary>
    private static IPNetwork? Sender(string operation, string value)
    {
        if (operation == "==") return AddressParser.ParseNetwork(value).TryGet(out IPNetwork? one, out _) && !value.Contains('/', StringComparison.Ordinal) ? one : null;
        int parts = value.Count(static c => c == '.');
        return operation == "startswith" && value.EndsWith('.') && parts is >= 1 and <= 3
            && IPAddress.TryParse(value + string.Join('.', Enumerable.Repeat("0", 4 - parts)), out IPAddress? address)
            && address.AddressFamily == AddressFamily.InterNetwork
            ? new IPNetwork(address, 8 * parts)
            : null;
    }

    private static Parsed<uint> Bits(string operation, string value, int count, Func<string, int?> parse)
    {
        if (parse(value) is not int named || operation is "startswith" or "contains" && !value.All(char.IsAsciiLetterOrDigit)) return new Problem(value);
        bool number = value.All(char.IsAsciiDigit);
        uint bits = 0;
        for (int i = 0; i < count; i++)
        {
            bool holds = operation switch
            {
                "==" => i == named,
                "<=" => number && i <= named,
                "<" => number && i < named,
                ">=" => number && i >= named,
                ">" => number && i > named,
                _ => false,
            };
            if (holds) bits |= 1u << i;
        }
        return operation is "==" || (number && operation is "<=" or "<" or ">=" or ">") ? bits : new Problem(operation);
    }

    private static byte[] Masks(uint facilities, byte severities) =>
        [.. Enumerable.Range(0, 24).Select(i => (facilities >> i & 1) != 0 ? severities : (byte)0)];

    /// <summary>One condition for each set of facilities and run of severities.</summary>
    private static RouteCondition[] OfMasks(IReadOnlyList<byte> masks, bool negated) =>
    [
        .. masks.Select((mask, facility) => (Mask: negated ? (byte)~mask : mask, Bit: 1u << facility))
            .GroupBy(static pair => pair.Mask, static pair => pair.Bit)
            .SelectMany(static group => Runs(group.Key)
                .Select(run => new RouteCondition { Severities = run, Facilities = group.Aggregate(0u, static (all, bit) => all | bit) })),
    ];

    private static IEnumerable<byte> Runs(byte mask)
    {
        int at = 0;
        while (at < 8)
        {
            int start = at;
            while (at < 8 && (mask >> at & 1) != 0) at++;
            if (at > start) yield return (byte)(((1 << at) - 1) & ~((1 << start) - 1));
            at++;
        }
    }

    private static RouteCondition[] One(RouteCondition condition) => condition.IsNever ? [] : [condition];
}

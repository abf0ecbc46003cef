using System.CommandLine;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Bench.Arguments;

/// <summary>Options with this tool's own value formats. An invalid value is answered with one line that names the valid ones.</summary>
internal static class Options
{
    private delegate bool Reader<T>(string text, out T value);

    public static Option<double?> Number(string name, string description) => Of(name, "N", description, Quantity.Example,
        static (string text, out double? value) =>
        {
            bool parsed = Quantity.TryParse(text, out double number);
            value = number;
            return parsed;
        });

    public static Option<long?> Whole(string name, string description, long least = 0) => Of(
        name, "N", description, $"write a whole number from {least}, such as 5000 or 5k",
        (string text, out long? value) =>
        {
            bool parsed = Quantity.TryParseWhole(text, out long number);
            value = number;
            return parsed && number >= least;
        });

    /// <summary><c>--batch</c>, shared by every command that sends.</summary>
    public static Option<int?> Batch() => Of(
        "--batch", "N", "Messages per system call (sendmmsg; one write on streams), which HAProxy never does with datagrams; default 1.",
        $"write a whole number from 1 to {Batches.Most}",
        static (string text, out int? value) =>
        {
            bool parsed = Quantity.TryParseWhole(text, out long number) && number is >= 1 and <= Batches.Most;
            value = parsed ? (int)number : null;
            return parsed;
        });

    public static Option<TimeSpan?> Duration(string name, string description) => Of(name, "SPAN", description, Span.Example,
        static (string text, out TimeSpan? value) =>
        {
            bool parsed = Span.TryParse(text, out TimeSpan span);
            value = span;
            return parsed;
        });

    public static Option<RateRange?> Rates(string name, string description) => Of(
        name, "A..B", description, "write a range such as 10k..200k",
        static (string text, out RateRange? value) =>
        {
            bool parsed = RateRange.TryParse(text, out RateRange range);
            value = range;
            return parsed;
        });

    public static Option<long?> Bytes(string name, string description) => Of(
        name, "SIZE", description, "write bytes such as 300, 4KB or 5GB",
        static (string text, out long? value) =>
        {
            bool parsed = ByteSize.Parse(text).TryGet(out long size, out _);
            value = size;
            return parsed;
        });

    public static Option<Transport?> Transport(string name, string description) => Of(
        name, "KIND", description, "the transports are unix-dgram, unix-stream, udp, tcp and tls",
        static (string text, out Transport? value) => Transports.TryParse(text, out value));

    /// <summary>An option with several values, separated by commas.</summary>
    public static Option<IReadOnlyList<double>?> Numbers(string name, string description) => Of(
        name, "N,N", description, "write numbers with commas, such as 20k,50k",
        static (string text, out IReadOnlyList<double>? value) =>
        {
            List<double> numbers = [];
            value = numbers;
            foreach (string part in text.Split(','))
            {
                if (!Quantity.TryParse(part, out double number) || number <= 0) return false;
                numbers.Add(number);
            }
            return true;
        });

    /// <summary>An option that accepts one of several words.</summary>
    public static Option<string?> Word(string name, string description, params string[] words) => Of(
        name, "WORD", description, $"write one of {string.Join(", ", words)}",
        (string text, out string? value) =>
        {
            value = text;
            return words.Contains(text, StringComparer.Ordinal);
        });

    private static Option<T> Of<T>(string name, string helpName, string description, string remedy, Reader<T> read) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            string text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (read(text, out T value)) return value;
            result.AddError($"{name} {text}: {remedy}");
            return default!;
        },
    };
}

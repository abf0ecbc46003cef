using System.Globalization;

namespace Concentrator.Configuration.Values;

/// <summary>Reads a whole number within limits.</summary>
internal static class WholeNumber
{
    public static Parsed<int> Parse(string text, int least, int most) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : new Problem($"{Problem.Quote(text)} is not a whole number from {least} to {most}; write for example {Math.Min(1000, most)}");
}

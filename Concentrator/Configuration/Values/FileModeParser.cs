namespace Concentrator.Configuration.Values;

/// <summary>Reads octal permissions as <c>chmod</c> takes them: three digits, or four that begin with 0.</summary>
internal static class FileModeParser
{
    public static Parsed<UnixFileMode> Parse(string text)
    {
        string digits = text is ['0', _, _, _] ? text[1..] : text;
        return digits.Length == 3 && digits.All(c => c is >= '0' and <= '7')
            ? (UnixFileMode)Convert.ToInt32(digits, 8)
            : new Problem($"{Problem.Quote(text)} is not a file mode; write it in octal and in quotes, for example \"0666\" or \"0640\"");
    }

    /// <summary>The mode in the form that <see cref="Parse"/> reads.</summary>
    public static string Format(UnixFileMode mode) => "0" + Convert.ToString((int)mode, 8).PadLeft(3, '0');
}

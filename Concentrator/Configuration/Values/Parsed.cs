using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Concentrator.Configuration.Values;

/// <summary>What is wrong with a value and what would be right: the part of an error line after the key path.</summary>
internal readonly record struct Problem(string Text)
{
    private const int Shown = 100;

    /// <summary>A value in double quotes, cut to a length that keeps the error on one line.</summary>
    public static string Quote(string value) =>
        value.Length <= Shown ? $"\"{value}\"" : $"\"{value.AsSpan(0, Shown)}…\"";

    /// <summary>The text with control characters made visible, so that no value can break an error line in two.</summary>
    public static string OneLine(string text)
    {
        if (!text.Any(char.IsControl))
        {
            return text;
        }
        StringBuilder line = new(text.Length + 16);
        foreach (char c in text)
        {
            if (char.IsControl(c))
            {
                line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
            else
            {
                line.Append(c);
            }
        }
        return line.ToString();
    }
}

/// <summary>The outcome of reading one value: the value or the <see cref="Problem"/>.</summary>
internal readonly struct Parsed<T>
{
    private readonly T? _value;
    private readonly string? _problem;

    private Parsed(T? value, string? problem) => (_value, _problem) = (value, problem);

    public bool TryGet([MaybeNullWhen(false)] out T value, [NotNullWhen(false)] out string? problem)
    {
        value = _value;
        problem = _problem;
        return problem is null;
    }

    /// <summary>The value; where there is none, the fallback after reporting the problem.</summary>
    public T Or(T fallback, Action<string> report)
    {
        if (_problem is null) return _value!;
        report(_problem);
        return fallback;
    }

    public static implicit operator Parsed<T>(T value) => new(value, null);

    public static implicit operator Parsed<T>(Problem problem) => new(default, problem.Text);
}

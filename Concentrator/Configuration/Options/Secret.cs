namespace Concentrator.Configuration.Options;

/// <summary>
/// A value that must never reach a log, a metric or an error. Printing it shows at most its first four characters;
/// only <see cref="Reveal"/> returns the value.
/// </summary>
internal sealed record Secret
{
    private readonly string _value;

    public Secret(string value) => _value = value;

    /// <summary>Where the configuration has it, for people: the key, and the file that it names; null when that is not known.</summary>
    public string? Place { get; init; }

    /// <summary>The value itself; for rendering only.</summary>
    public string Reveal() => _value;

    /// <summary>The first four characters and an ellipsis; only the ellipsis for a value shorter than eight.</summary>
    public override string ToString() => _value.Length < 8 ? "…" : string.Concat(_value.AsSpan(0, 4), "…");

    /// <summary>By the value alone: a secret that moves to another place is the same.</summary>
    public bool Equals(Secret? other) => other is not null && _value == other._value;

    public override int GetHashCode() => _value.GetHashCode(StringComparison.Ordinal);
}

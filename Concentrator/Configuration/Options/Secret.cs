namespace Concentrator.Configuration.Options;

/// <summary>
/// A value that must never reach a log, a metric or an error. Printing it shows at most its first four characters;
/// the bytes are had only by asking for <see cref="Reveal"/>.
/// </summary>
internal sealed record Secret
{
    private readonly string _value;

    public Secret(string value) => _value = value;

    /// <summary>The value itself; for rendering only.</summary>
    public string Reveal() => _value;

    /// <summary>The first four characters and an ellipsis; of a value shorter than eight, the ellipsis alone.</summary>
    public override string ToString() => _value.Length < 8 ? "…" : string.Concat(_value.AsSpan(0, 4), "…");
}

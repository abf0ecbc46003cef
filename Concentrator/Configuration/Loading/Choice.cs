namespace Concentrator.Configuration.Loading;

/// <summary>A closed set of words, each standing for one value. Letter case is ignored.</summary>
internal sealed class Choice<T>(params (string Word, T Value)[] words)
{
    public Parsed<T> Parse(string text)
    {
        foreach ((string word, T value) in words)
        {
            if (word.Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                return value;
            }
        }
        IEnumerable<string> known = words.Select(pair => pair.Word);
        return new Problem($"{Problem.Quote(text)} is not one of "
            + $"{string.Join(", ", known.Select(Problem.Quote))}{NearestName.Hint(text, known)}");
    }
}

/// <summary>Every enumeration of the configuration with the words that stand for its values.</summary>
internal static class Choices
{
    public static readonly Choice<bool> Switch = new(("true", true), ("false", false));

    public static readonly Choice<Messages.Framing> Framing = new(
        ("auto", Messages.Framing.Auto), ("octet-counted", Messages.Framing.OctetCounted),
        ("lf", Messages.Framing.Lf), ("nul", Messages.Framing.Nul), ("lf-or-nul", Messages.Framing.LfOrNul));

    public static readonly Choice<Messages.HeaderFormat> HeaderFormat = new(
        ("auto", Messages.HeaderFormat.Auto), ("rfc5424", Messages.HeaderFormat.Rfc5424), ("rfc3164", Messages.HeaderFormat.Rfc3164),
        ("local", Messages.HeaderFormat.Local), ("timed", Messages.HeaderFormat.Timed), ("iso", Messages.HeaderFormat.Iso),
        ("raw", Messages.HeaderFormat.Raw));

    public static readonly Choice<Messages.TimestampSource> Timestamp = new(
        ("received", Messages.TimestampSource.Received), ("message", Messages.TimestampSource.Message));

    /// <summary>Nullable as the option is: absent means "as the file is".</summary>
    public static readonly Choice<FileFormat?> FileFormat = new(
        ("traditional", Configuration.FileFormat.Traditional), ("rfc3339", Configuration.FileFormat.Rfc3339),
        ("rfc5424", Configuration.FileFormat.Rfc5424), ("raw", Configuration.FileFormat.Raw),
        ("message", Configuration.FileFormat.Message), ("json", Configuration.FileFormat.Json),
        ("debug", Configuration.FileFormat.Debug));

    public static readonly Choice<RelayFraming> RelayFraming = new(
        ("octet-counted", Configuration.RelayFraming.OctetCounted), ("lf", Configuration.RelayFraming.Lf));

    /// <summary>Nullable as the option is: absent means "by the keys that apply".</summary>
    public static readonly Choice<RelayFormat?> RelayFormat = new(
        ("sekoia", Configuration.RelayFormat.Sekoia), ("rfc5424", Configuration.RelayFormat.Rfc5424),
        ("raw", Configuration.RelayFormat.Raw));

    /// <summary>Nullable as the option is: absent means "by the format".</summary>
    public static readonly Choice<Messages.ControlCharacters?> ControlCharacters = new(
        ("escape", Messages.ControlCharacters.Escape), ("keep", Messages.ControlCharacters.Keep));

    public static readonly Choice<Messages.StructuredDataUse> StructuredData = new(
        ("auto", Messages.StructuredDataUse.Auto), ("message", Messages.StructuredDataUse.Message), ("drop", Messages.StructuredDataUse.Drop));

    public static readonly Choice<Durability> Durability = new(
        ("memory", Configuration.Durability.Memory), ("process", Configuration.Durability.Process),
        ("power", Configuration.Durability.Power));

    public static readonly Choice<WhenFull> WhenFull = new(
        ("drop-oldest", Configuration.WhenFull.DropOldest), ("drop-newest", Configuration.WhenFull.DropNewest),
        ("block", Configuration.WhenFull.Block));
}

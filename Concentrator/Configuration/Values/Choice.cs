using Concentrator.Configuration.Options;

namespace Concentrator.Configuration.Values;

/// <summary>A closed set of words, each of which means one value. Letter case is ignored.</summary>
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

/// <summary>The words of every enumeration in the configuration.</summary>
internal static class Choices
{
    public static readonly Choice<bool> Switch = new(("true", true), ("false", false));

    public static readonly Choice<Messages.FrameScanning.Framing> Framing = new(
        ("auto", Messages.FrameScanning.Framing.Auto), ("octet-counted", Messages.FrameScanning.Framing.OctetCounted),
        ("lf", Messages.FrameScanning.Framing.Lf), ("nul", Messages.FrameScanning.Framing.Nul), ("lf-or-nul", Messages.FrameScanning.Framing.LfOrNul));

    public static readonly Choice<Messages.Parsing.HeaderFormat> HeaderFormat = new(
        ("auto", Messages.Parsing.HeaderFormat.Auto), ("rfc5424", Messages.Parsing.HeaderFormat.Rfc5424), ("rfc3164", Messages.Parsing.HeaderFormat.Rfc3164),
        ("local", Messages.Parsing.HeaderFormat.Local), ("timed", Messages.Parsing.HeaderFormat.Timed), ("iso", Messages.Parsing.HeaderFormat.Iso),
        ("raw", Messages.Parsing.HeaderFormat.Raw));

    public static readonly Choice<Messages.Rendering.TimestampSource> Timestamp = new(
        ("received", Messages.Rendering.TimestampSource.Received), ("message", Messages.Rendering.TimestampSource.Message));

    /// <summary>Nullable like the option: absent means the format of the file's existing lines.</summary>
    public static readonly Choice<FileFormat?> FileFormat = new(
        ("traditional", Configuration.Options.FileFormat.Traditional), ("rfc3339", Configuration.Options.FileFormat.Rfc3339),
        ("rfc5424", Configuration.Options.FileFormat.Rfc5424), ("raw", Configuration.Options.FileFormat.Raw),
        ("message", Configuration.Options.FileFormat.Message), ("json", Configuration.Options.FileFormat.Json),
        ("debug", Configuration.Options.FileFormat.Debug));

    public static readonly Choice<RelayFraming> RelayFraming = new(
        ("octet-counted", Configuration.Options.RelayFraming.OctetCounted), ("lf", Configuration.Options.RelayFraming.Lf));

    /// <summary>Whether bodies are compressed.</summary>
    public static readonly Choice<bool> Compression = new(("gzip", true), ("none", false));

    public static readonly Choice<NatsRetention> NatsRetention = new(
        ("work", Configuration.Options.NatsRetention.Work), ("limits", Configuration.Options.NatsRetention.Limits));

    public static readonly Choice<NatsAcknowledge> NatsAcknowledge = new(
        ("delivered", Configuration.Options.NatsAcknowledge.Delivered), ("queued", Configuration.Options.NatsAcknowledge.Queued));

    public static readonly Choice<NatsBatch> NatsBatch = new(
        ("block", Configuration.Options.NatsBatch.Block), ("message", Configuration.Options.NatsBatch.Message));

    /// <summary>Nullable like the option: absent means that the intake keys decide.</summary>
    public static readonly Choice<RelayFormat?> RelayFormat = new(
        ("sekoia", Configuration.Options.RelayFormat.Sekoia), ("rfc5424", Configuration.Options.RelayFormat.Rfc5424),
        ("raw", Configuration.Options.RelayFormat.Raw));

    /// <summary>Nullable like the option: absent means that the format decides.</summary>
    public static readonly Choice<Messages.Rendering.ControlCharacters?> ControlCharacters = new(
        ("escape", Messages.Rendering.ControlCharacters.Escape), ("keep", Messages.Rendering.ControlCharacters.Keep));

    public static readonly Choice<Messages.Rendering.StructuredDataUse> StructuredData = new(
        ("auto", Messages.Rendering.StructuredDataUse.Auto), ("message", Messages.Rendering.StructuredDataUse.Message), ("drop", Messages.Rendering.StructuredDataUse.Drop));

    public static readonly Choice<Durability> Durability = new(
        ("memory", Configuration.Options.Durability.Memory), ("process", Configuration.Options.Durability.Process),
        ("power", Configuration.Options.Durability.Power));

    public static readonly Choice<WhenFull> WhenFull = new(
        ("drop-oldest", Configuration.Options.WhenFull.DropOldest), ("drop-newest", Configuration.Options.WhenFull.DropNewest),
        ("block", Configuration.Options.WhenFull.Block));
}

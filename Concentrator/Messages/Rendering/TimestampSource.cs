namespace Concentrator.Messages.Rendering;

/// <summary>Which clock the rendered TIMESTAMP shows (configuration key <c>Outputs.*.Timestamp</c>).</summary>
internal enum TimestampSource : byte
{
    /// <summary>The moment of reception here.</summary>
    Received,

    /// <summary>The sender's own time where it carries date, year and zone; else the moment of reception.</summary>
    Message,
}

namespace Concentrator.Messages.Rendering;

/// <summary>Which clock the rendered TIMESTAMP shows (configuration key <c>Outputs.*.Timestamp</c>).</summary>
internal enum TimestampSource : byte
{
    /// <summary>The time of reception at this server.</summary>
    Received,

    /// <summary>The sender's own time if it has date, year and zone; otherwise the time of reception.</summary>
    Message,
}

namespace Concentrator.Messages.Rendering;

/// <summary>
/// What Sekoia.io's frame makes of a message's own structured data, where that element stands which carries the intake key
/// (configuration key <c>Outputs.*.StructuredData</c>).
/// </summary>
internal enum StructuredDataUse : byte
{
    /// <summary>MSGID and structured data become the text of a message that has none: Juniper's events have nothing else.</summary>
    Auto,

    /// <summary>Structured data, its MSGID before it, always stands in front of the text; otherwise as <see cref="Auto"/>.</summary>
    Message,

    /// <summary>They are left out, as Sekoia.io's forwarder does.</summary>
    Drop,
}

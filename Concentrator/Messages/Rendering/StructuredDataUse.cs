namespace Concentrator.Messages.Rendering;

/// <summary>
/// How a frame for Sekoia.io carries a message's own structured data, whose place is taken by the element with the intake key
/// (configuration key <c>Outputs.*.StructuredData</c>).
/// </summary>
internal enum StructuredDataUse : byte
{
    /// <summary>MSGID and structured data become the text of a message that has none, such as Juniper's events.</summary>
    Auto,

    /// <summary>Structured data, preceded by its MSGID, always precedes the text; otherwise as <see cref="Auto"/>.</summary>
    Message,

    /// <summary>Both are left out, as in Sekoia.io's forwarder.</summary>
    Drop,
}

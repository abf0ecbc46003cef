namespace Concentrator.Messages.Rendering;

/// <summary>How a relay writes a sender's bytes 0 to 31 and 127 (configuration key <c>Outputs.*.ControlCharacters</c>).</summary>
internal enum ControlCharacters : byte
{
    /// <summary>Sent as received.</summary>
    Keep,

    /// <summary><c>#011</c>, <c>#012</c>, <c>#015</c>, …: <see cref="Bytes.ControlBytes.AddEscaped"/>.</summary>
    Escape,
}

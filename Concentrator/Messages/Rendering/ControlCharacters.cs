namespace Concentrator.Messages.Rendering;

/// <summary>What a relay makes of the bytes 0 to 31 and 127 in what a sender wrote (configuration key <c>Outputs.*.ControlCharacters</c>).</summary>
internal enum ControlCharacters : byte
{
    /// <summary>They are sent as they came.</summary>
    Keep,

    /// <summary><c>#011</c>, <c>#012</c>, <c>#015</c>, …: <see cref="Bytes.ControlBytes.AddEscaped"/>.</summary>
    Escape,
}

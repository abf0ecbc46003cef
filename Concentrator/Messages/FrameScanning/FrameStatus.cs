namespace Concentrator.Messages.FrameScanning;

/// <summary>The result of a <see cref="FrameScanner"/> for a stream's next bytes.</summary>
internal enum FrameStatus : byte
{
    /// <summary>A frame was found and taken from the buffer.</summary>
    Frame,

    /// <summary>No further frame is complete: read more and keep what is left in the buffer.</summary>
    NeedMore,

    /// <summary>The framing cannot be followed any more: cut the connection. Every later result is the same.</summary>
    Violation,
}

namespace Concentrator.Messages.FrameScanning;

/// <summary>What a <see cref="FrameScanner"/> can say of a stream's next bytes.</summary>
internal enum FrameStatus : byte
{
    /// <summary>A frame was found and taken from the buffer.</summary>
    Frame,

    /// <summary>No further frame is complete: read more, keep what is left in the buffer.</summary>
    NeedMore,

    /// <summary>The stream cannot be followed any more: cut the connection. Every later answer is the same.</summary>
    Violation,
}

namespace Concentrator.Messages.FrameScanning;

/// <summary>Which part of a sender's message a frame contains.</summary>
[Flags]
internal enum FrameParts : byte
{
    /// <summary>The whole message, as far as is known.</summary>
    Whole = 0,

    /// <summary>The message continues after the frame: it was cut at the maximum, or the connection ended within it.</summary>
    Cut = 1,

    /// <summary>
    /// The message began before the frame and was cut there. The frame's start is not a header: a client of the sender may have
    /// written it.
    /// </summary>
    Continued = 2,
}

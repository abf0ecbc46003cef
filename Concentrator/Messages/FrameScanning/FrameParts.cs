namespace Concentrator.Messages.FrameScanning;

/// <summary>How much of a sender's message a frame is.</summary>
[Flags]
internal enum FrameParts : byte
{
    /// <summary>All of it, as far as can be known.</summary>
    Whole = 0,

    /// <summary>It goes on behind the frame: it was cut at the maximum, or the connection ended in it.</summary>
    Cut = 1,

    /// <summary>
    /// It began before the frame, where it was cut. What stands at the frame's start is no header: a client of the sender could have
    /// put it there.
    /// </summary>
    Continued = 2,
}

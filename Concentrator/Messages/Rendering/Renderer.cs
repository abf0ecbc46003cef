namespace Concentrator.Messages.Rendering;

/// <summary>
/// Writes a message in the format of one kind of output. Stateless after construction, so one instance serves every
/// thread. Neither method allocates.
/// </summary>
internal abstract class Renderer
{
    /// <summary>The exact number of bytes that <see cref="Write"/> writes for the same arguments.</summary>
    public abstract int Measure(in SyslogMessage message, in Reception reception);

    /// <summary>Whether the message's structured data is shown as part of its text, and may be cut like it.</summary>
    public virtual bool ShowsStructuredData(in SyslogMessage message) => false;

    /// <summary>
    /// Renders into <paramref name="destination"/>, which holds at least <see cref="Measure"/> bytes, and returns the
    /// number written (the same figure).
    /// </summary>
    public abstract int Write(in SyslogMessage message, in Reception reception, Span<byte> destination);
}

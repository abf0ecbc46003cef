namespace Concentrator.Tools.Demo;

/// <summary>
/// One message as it appears at each point it passes. Each point writes its own field; they are read after everything has ended.
/// </summary>
internal sealed class Example(char letter, int number)
{
    public byte[]? Sent { get; private set; }

    public byte[]? Line { get; private set; }

    public byte[]? Frame { get; private set; }

    public void OfferSent(ReadOnlySpan<byte> message)
    {
        if (Sent is null && IsMe(message)) Sent = message.ToArray();
    }

    public void OfferLine(ReadOnlySpan<byte> line)
    {
        if (Line is null && IsMe(line)) Line = line.ToArray();
    }

    public void OfferFrame(ReadOnlySpan<byte> frame)
    {
        if (Frame is null && IsMe(frame)) Frame = frame.ToArray();
    }

    private bool IsMe(ReadOnlySpan<byte> message) =>
        MessageNumber.TryFind(message, out char itsLetter, out int itsNumber) && itsLetter == letter && itsNumber == number;
}

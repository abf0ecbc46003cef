using System.Globalization;
using Concentrator.Bytes;
using NATS.Client.Core;

namespace Concentrator.JetStream;

/// <summary>What a message of a stream holds.</summary>
internal enum MessageContent : byte
{
    /// <summary>One syslog message.</summary>
    Message,

    /// <summary>A block of them (<see cref="BlockHeaders"/>), every length checked.</summary>
    Block,

    /// <summary>A block that is not what its headers say.</summary>
    Broken,

    /// <summary>A block of a later version.</summary>
    Newer,
}

/// <summary>Reads a message of a stream, which anybody may have written. Pure; nothing in it is trusted.</summary>
internal static class StreamMessage
{
    private const int MostDigits = 9;

    /// <summary>Says what a message holds; a block is walked through to its end.</summary>
    public static MessageContent Look(NatsHeaders? headers, ReadOnlySpan<byte> payload)
    {
        if (headers is null || !headers.TryGetLastValue(BlockHeaders.Version, out string? version)) return MessageContent.Message;
        if (version != BlockHeaders.KnownVersion)
            return int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 1 ? MessageContent.Newer : MessageContent.Broken;
        if (!headers.TryGetLastValue(BlockHeaders.Count, out string? text) || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            return MessageContent.Broken;
        int found = 0;
        while (TryTake(ref payload, out _)) found++;
        return payload.IsEmpty && found == count && count > 0 ? MessageContent.Block : MessageContent.Broken;
    }

    /// <summary>The number of syslog messages that a message of a stream claims to hold: 1 if it is no block, 0 if a block says nothing possible.</summary>
    public static int Claimed(NatsHeaders? headers)
    {
        if (headers is null || !headers.ContainsKey(BlockHeaders.Version)) return 1;
        return headers.TryGetLastValue(BlockHeaders.Count, out string? text) ? Claimed(text) : 0;
    }

    /// <summary>As <see cref="Claimed(NatsHeaders?)"/>, of the header's value.</summary>
    public static int Claimed(ReadOnlySpan<char> count) =>
        int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int frames) && frames <= BlockHeaders.MostFrames ? frames : 0;

    /// <summary>Takes the first frame off a block. False at its end, and where no frame stands.</summary>
    public static bool TryTake(ref ReadOnlySpan<byte> block, out ReadOnlySpan<byte> message)
    {
        message = default;
        int digits = Digits.CountLeading(block[..Math.Min(block.Length, MostDigits + 1)]);
        if (digits is 0 or > MostDigits || digits == block.Length || block[digits] != ' ') return false;
        int length = 0;
        foreach (byte digit in block[..digits]) length = (length * 10) + (digit - '0');
        if (length > block.Length - digits - 1) return false;
        message = block.Slice(digits + 1, length);
        block = block[(digits + 1 + length)..];
        return true;
    }

    /// <summary>
    /// How often the message was given out, this time included, as its reply subject says: <c>$JS.ACK.STREAM.CONSUMER.TIMES.…</c>, with a
    /// domain and an account before the stream in the longer form. 1 if it does not say.
    /// </summary>
    public static long TimesDelivered(string reply) => Math.Max(1, NumberAt(reply, 0));

    /// <summary>The message's number in its stream, as its reply subject says; 0 if it does not say.</summary>
    public static long SequenceOf(string reply) => NumberAt(reply, 1);

    private static long NumberAt(string reply, int behindConsumer)
    {
        string[] words = reply.Split('.');
        int place = behindConsumer + (words.Length >= 11 ? 6 : 4);
        return words.Length >= 9 && long.TryParse(words[place], NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : 0;
    }
}

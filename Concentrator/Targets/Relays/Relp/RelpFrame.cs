using Concentrator.Bytes;

namespace Concentrator.Targets.Relays.Relp;

/// <summary>What a peer may say. Frames of transaction 0 are hints, which may be ignored; all else would be a command to us.</summary>
internal enum RelpCommand : byte
{
    /// <summary><c>rsp</c>: the answer to a transaction of ours.</summary>
    Response,

    /// <summary><c>serverclose</c>: the peer ends the session, and answers nothing more.</summary>
    ServerClose,

    /// <summary>Any other hint.</summary>
    Hint,
}

/// <summary>What the bytes at hand are.</summary>
internal enum RelpParse : byte
{
    Frame,

    /// <summary>The beginning of a frame.</summary>
    Partial,

    /// <summary>Not RELP, or more of it than we take: no later byte can be trusted.</summary>
    Broken,
}

/// <summary>
/// A frame of the peer's: <c>TXNR SP COMMAND SP DATALEN [SP DATA] LF</c>, RELP version 1. Every number is limited before it is
/// used. Holds no copy: valid as long as the bytes it was found in.
/// </summary>
/// <param name="Transaction">0 to <see cref="LastTransaction"/>; 0 for a hint.</param>
/// <param name="Command">What it says.</param>
/// <param name="Data">At most <see cref="MostData"/> bytes.</param>
internal readonly record struct RelpFrame(int Transaction, RelpCommand Command, ReadOnlyMemory<byte> Data)
{
    /// <summary>Transactions are numbered from 1 to this, and then from 1 again.</summary>
    public const int LastTransaction = 999_999_999;

    /// <summary>Bytes of data taken from a peer; what it has to say is a line, and its offers are three.</summary>
    public const int MostData = 4096;

    /// <summary>Bytes of the longest frame that is taken.</summary>
    public const int MostLength = TransactionDigits + 1 + CommandLetters + 1 + LengthDigits + 1 + MostData + 1;

    private const int TransactionDigits = 9;
    private const int CommandLetters = 32;
    private const int LengthDigits = 9;

    /// <summary>
    /// Of a response, the three digits its data begin with, 200 for yes; -1 when it has none.
    /// </summary>
    public int Status
    {
        get
        {
            ReadOnlySpan<byte> data = Data.Span;
            if (data.Length < 3 || Digits.CountLeading(data) != 3) return -1;
            return data.Length == 3 || data[3] is (byte)' ' or (byte)'\n' ? (data[0] - '0') * 100 + Digits.ReadTwo(data, 1) : -1;
        }
    }

    /// <summary>Looks for one frame at the start of the bytes; <paramref name="length"/> is how many of them are its.</summary>
    public static RelpParse TryParse(ReadOnlyMemory<byte> bytes, out RelpFrame frame, out int length)
    {
        frame = default;
        length = 0;
        ReadOnlySpan<byte> text = bytes.Span;
        int at = 0;
        RelpParse parse = ReadNumber(text, ref at, TransactionDigits, out int transaction);
        if (parse != RelpParse.Frame) return parse;
        if (at == text.Length) return RelpParse.Partial;
        if (text[at++] != ' ') return RelpParse.Broken;

        parse = ReadCommand(text, ref at, transaction, out RelpCommand command);
        if (parse != RelpParse.Frame) return parse;

        parse = ReadNumber(text, ref at, LengthDigits, out int dataLength);
        if (parse != RelpParse.Frame) return parse;
        if (dataLength > MostData) return RelpParse.Broken;
        if (dataLength > 0)
        {
            if (at == text.Length) return RelpParse.Partial;
            if (text[at++] != ' ') return RelpParse.Broken;
        }
        if (text.Length - at < dataLength + 1) return RelpParse.Partial;
        if (text[at + dataLength] != '\n') return RelpParse.Broken;
        length = at + dataLength + 1;
        frame = new RelpFrame(transaction, command, bytes.Slice(at, dataLength));
        return RelpParse.Frame;
    }

    /// <summary>A number is over when another byte follows it, which stays where it is.</summary>
    private static RelpParse ReadNumber(ReadOnlySpan<byte> text, ref int at, int mostDigits, out int number)
    {
        number = 0;
        ReadOnlySpan<byte> rest = text[at..];
        int digits = Digits.CountLeading(rest[..Math.Min(rest.Length, mostDigits + 1)]);
        if (digits > mostDigits) return RelpParse.Broken;
        if (digits == rest.Length) return RelpParse.Partial;
        if (digits == 0) return RelpParse.Broken;
        foreach (byte digit in rest[..digits]) number = number * 10 + (digit - '0');
        at += digits;
        return RelpParse.Frame;
    }

    /// <summary>The word and the blank behind it. Only a hint may say what nobody knows.</summary>
    private static RelpParse ReadCommand(ReadOnlySpan<byte> text, ref int at, int transaction, out RelpCommand command)
    {
        command = RelpCommand.Hint;
        ReadOnlySpan<byte> rest = text[at..];
        int letters = 0;
        while (letters < rest.Length && letters <= CommandLetters && char.IsAsciiLetter((char)rest[letters])) letters++;
        if (letters > CommandLetters) return RelpParse.Broken;
        if (letters == rest.Length) return RelpParse.Partial;
        if (letters == 0 || rest[letters] != ' ') return RelpParse.Broken;
        at += letters + 1;
        bool isHint = transaction == 0;
        ReadOnlySpan<byte> word = rest[..letters];
        if (word.SequenceEqual("rsp"u8)) command = RelpCommand.Response;
        else if (word.SequenceEqual("serverclose"u8)) command = RelpCommand.ServerClose;
        return isHint == (command != RelpCommand.Response) ? RelpParse.Frame : RelpParse.Broken;
    }
}

using Concentrator.Bytes;

namespace Concentrator.Targets.Relays.Relp;

/// <summary>Commands that a peer may send. Frames of transaction 0 are hints, which may be ignored; anything else is invalid.</summary>
internal enum RelpCommand : byte
{
    /// <summary><c>rsp</c>: the response to a transaction of ours.</summary>
    Response,

    /// <summary><c>serverclose</c>: the peer ends the session, and sends no more responses.</summary>
    ServerClose,

    /// <summary>Any other hint.</summary>
    Hint,
}

/// <summary>Result of parsing the received bytes.</summary>
internal enum RelpParse : byte
{
    Frame,

    /// <summary>The beginning of a frame; more bytes are needed.</summary>
    Partial,

    /// <summary>Not RELP, or larger than the limits: no later byte can be trusted.</summary>
    Broken,
}

/// <summary>
/// A frame from the peer: <c>TXNR SP COMMAND SP DATALEN [SP DATA] LF</c>, RELP version 1. Every number is range-checked before
/// use. Refers to the received bytes without copying them: valid as long as they are.
/// </summary>
/// <param name="Transaction">0 to <see cref="LastTransaction"/>; 0 for a hint.</param>
/// <param name="Command">The command.</param>
/// <param name="Data">At most <see cref="MostData"/> bytes.</param>
internal readonly record struct RelpFrame(int Transaction, RelpCommand Command, ReadOnlyMemory<byte> Data)
{
    /// <summary>Transactions are numbered from 1 to this, and then from 1 again.</summary>
    public const int LastTransaction = 999_999_999;

    /// <summary>Limit of data bytes from a peer; a response is one line, and the offers are three.</summary>
    public const int MostData = 4096;

    /// <summary>Length in bytes of the longest accepted frame.</summary>
    public const int MostLength = TransactionDigits + 1 + CommandLetters + 1 + LengthDigits + 1 + MostData + 1;

    private const int TransactionDigits = 9;
    private const int CommandLetters = 32;
    private const int LengthDigits = 9;

    /// <summary>
    /// The three-digit status at the start of a response's data, 200 for success; -1 when there is none.
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

    /// <summary>Parses one frame at the start of the bytes; <paramref name="length"/> is its length.</summary>
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

    /// <summary>Reads a number, which ends at the next byte that is no digit; that byte is not consumed.</summary>
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

    /// <summary>Reads the command and the space after it. Only a hint may have an unknown command.</summary>
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

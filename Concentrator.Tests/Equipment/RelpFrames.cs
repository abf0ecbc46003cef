using System.Globalization;
using System.Text;

namespace Concentrator.Tests.Equipment;

/// <summary>A RELP frame, either side's.</summary>
internal readonly record struct RelpText(int Transaction, string Command, byte[] Data);

/// <summary>
/// RELP's framing taken literally, <c>TXNR SP COMMAND SP DATALEN [SP DATA] LF</c>: slow and obvious, written independently of the
/// server's own so that one can prove the other. One stream, one thread.
/// </summary>
internal sealed class RelpFrames
{
    private readonly List<byte> _pending = [];

    /// <summary>Whether an incomplete frame is waiting for its rest.</summary>
    public bool IsPartial => _pending.Count > 0;

    public static byte[] Write(int transaction, string command, string data = "") =>
        Encoding.UTF8.GetBytes($"{transaction} {command} {Encoding.UTF8.GetByteCount(data)}{(data.Length > 0 ? " " : "")}{data}\n");

    /// <summary>All frames that are complete with these bytes.</summary>
    /// <exception cref="InvalidDataException">It is no RELP.</exception>
    public List<RelpText> Feed(ReadOnlySpan<byte> bytes)
    {
        _pending.AddRange(bytes);
        List<RelpText> frames = [];
        int used = 0;
        while (TryRead(ref used, out RelpText frame)) frames.Add(frame);
        _pending.RemoveRange(0, used);
        return frames;
    }

    private bool TryRead(ref int used, out RelpText frame)
    {
        frame = default;
        int at = used;
        string? transaction = Word(ref at, " ");
        string? command = transaction is null ? null : Word(ref at, " ");
        string? length = command is null ? null : Word(ref at, " \n");
        if (length is null) return false;
        if (!int.TryParse(transaction, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            || !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            || command!.Length is 0 or > 32 || !command.All(char.IsAsciiLetter))
            throw new InvalidDataException($"'{transaction} {command} {length}' begins no RELP frame");
        if ((_pending[at - 1] == ' ') != (count > 0)) throw new InvalidDataException("a blank before data, and only then");
        if (count == 0) at--;
        if (_pending.Count < at + count + 1) return false;
        if (_pending[at + count] != '\n') throw new InvalidDataException("no LF behind the data");
        frame = new RelpText(number, command, [.. _pending.GetRange(at, count)]);
        used = at + count + 1;
        return true;
    }

    /// <summary>Up to one of these bytes, which is passed; null when it has not come.</summary>
    private string? Word(ref int at, string ends)
    {
        StringBuilder word = new();
        for (int i = at; i < _pending.Count; i++)
        {
            if (ends.Contains((char)_pending[i], StringComparison.Ordinal))
            {
                at = i + 1;
                return word.ToString();
            }
            if (word.Append((char)_pending[i]).Length > 40) throw new InvalidDataException($"'{word}' begins no RELP frame");
        }
        return null;
    }
}

namespace Concentrator.Tests.Fuzzing;

/// <summary>
/// Makes odd inputs out of valid ones: bytes are changed, removed, repeated and moved, numbers become extreme, pieces of other samples
/// are put between, nesting is multiplied. The same seed gives the same inputs.
/// </summary>
internal sealed class Mutations(IReadOnlyList<byte[]> samples, int seed)
{
    private const int MostLength = 256 * 1024;

    private static readonly byte[][] Tokens =
    [
        [0], [0xFF], [0xC3], [0xEF, 0xBB, 0xBF], "\n"u8.ToArray(), "\r\n"u8.ToArray(), "\t"u8.ToArray(), " "u8.ToArray(), ":"u8.ToArray(), "- "u8.ToArray(),
        "{"u8.ToArray(), "}"u8.ToArray(), "["u8.ToArray(), "]"u8.ToArray(), "("u8.ToArray(), ")"u8.ToArray(), "\""u8.ToArray(), "'"u8.ToArray(), "\\"u8.ToArray(),
        "#"u8.ToArray(), "*"u8.ToArray(), "&a "u8.ToArray(), "*a "u8.ToArray(), "<<: "u8.ToArray(), "!!binary "u8.ToArray(), "| "u8.ToArray(), "%"u8.ToArray(), "$"u8.ToArray(),
        "0"u8.ToArray(), "-1"u8.ToArray(), "2147483648"u8.ToArray(), "9223372036854775808"u8.ToArray(), "1e999"u8.ToArray(), "null"u8.ToArray(),
        "true"u8.ToArray(), "<191>"u8.ToArray(), "99999999 "u8.ToArray(), "@@"u8.ToArray(), "/*"u8.ToArray(), "*/"u8.ToArray(), "if "u8.ToArray(), " then "u8.ToArray(),
    ];

    private readonly Random _random = new(seed);

    public byte[] Next()
    {
        List<byte> input = [.. samples[_random.Next(samples.Count)]];
        for (int steps = 1 + _random.Next(6); steps > 0 && input.Count < MostLength; steps--) Change(input);
        return [.. input];
    }

    private void Change(List<byte> input)
    {
        int at = _random.Next(input.Count + 1);
        int length = _random.Next(Math.Min(input.Count - at, 1 << _random.Next(10)) + 1);
        switch (_random.Next(8))
        {
            case 0 when at < input.Count:
                input[at] = (byte)_random.Next(256);
                break;
            case 1 when at < input.Count:
                input[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 2:
                input.RemoveRange(at, length);
                break;
            case 3:
                input.InsertRange(at, input.GetRange(at, length));
                break;
            case 4:
                input.InsertRange(at, Token());
                break;
            case 5:
                // A nesting of some depth, or a run of one token.
                byte[] token = Token();
                for (int times = 1 << _random.Next(12); times > 0; times--) input.InsertRange(at, token);
                break;
            case 6:
                byte[] other = samples[_random.Next(samples.Count)];
                int from = _random.Next(other.Length + 1);
                input.InsertRange(at, other[from..(from + _random.Next(other.Length - from + 1))]);
                break;
            default:
                input.RemoveRange(at, input.Count - at);
                break;
        }
    }

    private byte[] Token() => Tokens[_random.Next(Tokens.Length)];
}

using System.Text;

namespace Concentrator.Routing;

/// <summary>
/// A pattern of <c>*</c> (any run) and <c>?</c> (any one byte) over the bytes of a field. Matching takes at most time
/// proportional to pattern times text and allocates nothing.
/// </summary>
internal sealed class Glob(string pattern, bool ignoreCase)
{
    private readonly byte[] _pattern = Encoding.UTF8.GetBytes(pattern);

    public bool Matches(ReadOnlySpan<byte> text)
    {
        int p = 0, t = 0, star = -1, retry = 0;
        while (t < text.Length)
        {
            if (p < _pattern.Length && _pattern[p] == (byte)'*')
            {
                star = p++;
                retry = t;
            }
            else if (p < _pattern.Length && (_pattern[p] == (byte)'?' || Same(_pattern[p], text[t])))
            {
                p++;
                t++;
            }
            else if (star >= 0)
            {
                // Only the last star is retried: everything before it has matched as early as possible.
                p = star + 1;
                t = ++retry;
            }
            else
            {
                return false;
            }
        }
        while (p < _pattern.Length && _pattern[p] == (byte)'*') p++;
        return p == _pattern.Length;
    }

    private bool Same(byte a, byte b) => a == b || (ignoreCase && Lower(a) == Lower(b));

    private static int Lower(byte b) => b is >= (byte)'A' and <= (byte)'Z' ? b + 32 : b;
}

using Concentrator.Configuration.Options;

namespace Concentrator.Telemetry.Log;

/// <summary>
/// Removes intake keys, and the secrets of the status pages, OTLP and proxies, from lines for people. The program itself writes none, but quoted text may contain one: a RELP receiver that
/// refuses a message may repeat it, with its key. Hides the keys of every configuration that has run since the start. Any thread may
/// hide; one at a time may add keys.
/// </summary>
internal sealed class KeyMask
{
    /// <summary>Characters that identify a long key, one more than may be shown; quoted keys may be truncated anywhere.</summary>
    private const int Telltale = 5;

    /// <summary>Sekoia.io's keys are no shorter. A shorter one may begin like a common word, so it is searched for as a whole.</summary>
    private const int Long = 16;

    /// <summary>Of a proxy: a shorter one would hide ordinary words.</summary>
    private const int ShortestPassword = 8;

    private volatile Secret[] _keys = [];

    /// <summary>Hides the keys of that configuration too from now on.</summary>
    public void Learn(ServerOptions options)
    {
        IEnumerable<Secret?> found = options.Outputs.OfType<RelayOutputOptions>().Select(static output => output.IntakeKey)
            .Concat(options.Routes.Select(static route => route.IntakeKey)).Append(options.Monitoring?.Token).Append(options.Otlp?.Authorization)
            .Concat(options.Outputs.OfType<RelayOutputOptions>().Select(static output => output.Proxy?.Credentials?.Password).Where(IsTelling));
        _keys = [.. _keys.Union(found.OfType<Secret>())];
    }

    /// <summary>A proxy's password may be any word, or a letter of every word. Nothing prints it by itself.</summary>
    private static bool IsTelling(Secret? password) => password?.Reveal().Length >= ShortestPassword;

    /// <summary>Returns the line with at most the first four characters of each key.</summary>
    public string Hide(string line)
    {
        foreach (Secret key in _keys) line = Hide(line, key.Reveal(), key.ToString());
        return line;
    }

    private static string Hide(string line, string key, string shown)
    {
        string sought = key.Length >= Long ? key[..Telltale] : key;
        if (sought.Length == 0) return line;
        int at = line.IndexOf(sought, StringComparison.Ordinal);
        while (at >= 0)
        {
            int length = line.AsSpan(at).CommonPrefixLength(key);
            line = string.Concat(line.AsSpan(0, at), shown, line.AsSpan(at + length));
            at = line.IndexOf(sought, at + shown.Length, StringComparison.Ordinal);
        }
        return line;
    }
}

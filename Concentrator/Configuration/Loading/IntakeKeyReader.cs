using Concentrator.Configuration.Options;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads <c>IntakeKey</c> or <c>IntakeKeyFile</c> of an output or a route; see <see cref="SecretReader"/>.</summary>
internal static class IntakeKeyReader
{
    public const string KeyKey = "IntakeKey";

    public const string FileKey = "IntakeKeyFile";

    private static readonly SecretReader Keys = new(KeyKey, FileKey, "intake key", "/etc/concentrator/intake.key");

    /// <summary>Characters. Keeps a frame's header small; real keys have 16 characters.</summary>
    private const int Longest = 256;

    /// <summary>Characters. Sekoia's own forwarder takes 16 alphanumerics or more (docs/reference/receivers.md, Sekoia.io).</summary>
    private const int SekoiaLength = 16;

    /// <summary>The key, or null if neither of the two keys is given.</summary>
    public static Secret? Read(SectionReader section) => Keys.Read(section, (source, key) => IsRight(section, source, key));

    public static void Refuse(SectionReader section, string reason)
    {
        section.Refuse(KeyKey, reason);
        section.Refuse(FileKey, reason);
    }

    /// <summary>Refuses characters that would need escaping: the key is sent as structured data (RFC 5424 section 6.3.3).</summary>
    private static bool IsRight(SectionReader section, string source, string key)
    {
        if (key.Length > Longest)
        {
            section.Error(source, $"has {key.Length} characters; an intake key has at most {Longest}, usually {SekoiaLength}");
            return false;
        }
        int bad = key.AsSpan().IndexOfAnyExceptInRange('!', '~');
        bad = bad < 0 ? key.AsSpan().IndexOfAny('"', '\\', ']') : bad;
        if (bad >= 0)
        {
            section.Error(source, $"has a character at position {bad + 1} that is not allowed in an intake key; "
                + "allowed is printable ASCII except spaces, double quotes, backslashes and closing brackets");
            return false;
        }
        if (key.Length < SekoiaLength || !key.All(char.IsAsciiLetterOrDigit))
        {
            section.Warn(source, $"does not look like a Sekoia.io intake key, which has {SekoiaLength} or more letters and digits; "
                + "check that it is complete");
        }
        return true;
    }
}

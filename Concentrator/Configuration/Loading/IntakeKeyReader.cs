using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// Reads <c>IntakeKey</c> or <c>IntakeKeyFile</c> of an output or a route. No message of this class shows the key, nor
/// the file's name where that may be a key pasted into the wrong place. One layer may give only one of the two; a later
/// file or a stronger layer replaces what a weaker one gives.
/// </summary>
internal static class IntakeKeyReader
{
    public const string KeyKey = "IntakeKey";

    public const string FileKey = "IntakeKeyFile";

    /// <summary>Characters. Keeps a frame's header small; real keys have 16 characters.</summary>
    private const int Longest = 256;

    /// <summary>Characters. Sekoia's own forwarder takes 16 alphanumerics or more (docs/reference/receivers.md, Sekoia.io).</summary>
    private const int SekoiaLength = 16;

    /// <summary>
    /// Placeholder for a key that is given but wrong, so that it is not also reported as missing. It never leaves the
    /// loader, because an error has been reported.
    /// </summary>
    private static readonly Secret Wrong = new("");

    /// <summary>The key, or null if neither of the two keys is given.</summary>
    public static Secret? Read(SectionReader section)
    {
        bool inFile = section.Has(FileKey);
        if (section.Has(KeyKey) && inFile)
        {
            if (section.StrengthOf(KeyKey) == section.StrengthOf(FileKey))
            {
                section.Know(KeyKey, FileKey);
                section.Error(FileKey, $"is set together with {KeyKey}; keep only one of them");
                return Wrong;
            }
            inFile = section.StrengthOf(FileKey) > section.StrengthOf(KeyKey);
        }
        string source = inFile ? FileKey : KeyKey;
        bool given = inFile || section.Has(KeyKey);
        string? key = inFile ? ReadFile(section) : section.Text(KeyKey);
        section.Know(KeyKey, FileKey);
        return !given ? null : key is null ? Wrong : Check(section, source, key);
    }

    public static void Refuse(SectionReader section, string reason)
    {
        section.Refuse(KeyKey, reason);
        section.Refuse(FileKey, reason);
    }

    private static string? ReadFile(SectionReader section)
    {
        if (section.Text(FileKey) is not string name)
        {
            return null;
        }
        bool isPath = name.Contains('/', StringComparison.Ordinal);
        string shown = isPath ? $"the file {Problem.Quote(name)}" : "the file";
        const string Remedy = "; name a file that contains the intake key and nothing else, for example \"/etc/concentrator/intake.key\"";
        string file = section.Context.FullPath(name);
        if (!TextFile.Read(file).TryGet(out string? text, out string? problem))
        {
            string make = $"; create it with this command, then paste the key, Enter, Ctrl-D: install -m 0600 /dev/stdin {file}";
            section.Error(FileKey, $"{shown} {problem}{(PlainFile.IsRefusal(problem) ? "" : isPath && problem == PlainFile.Missing ? make : Remedy)}");
            return null;
        }
        section.Context.HasRead(section.PathOf(FileKey), file);
        string key = text.Trim();
        section.Context.Errors.Protect(key);
        if (key.Length == 0)
        {
            section.Error(FileKey, $"{shown} is empty{Remedy}");
            return null;
        }
        SecretFile.WarnIfOpenToAll(section, FileKey, file);
        return key;
    }

    /// <summary>Refuses characters that would need escaping: the key is sent as structured data (RFC 5424 section 6.3.3).</summary>
    private static Secret Check(SectionReader section, string source, string key)
    {
        if (key.Length > Longest)
        {
            section.Error(source, $"has {key.Length} characters; an intake key has at most {Longest}, usually {SekoiaLength}");
            return Wrong;
        }
        int bad = key.AsSpan().IndexOfAnyExceptInRange('!', '~');
        bad = bad < 0 ? key.AsSpan().IndexOfAny('"', '\\', ']') : bad;
        if (bad >= 0)
        {
            section.Error(source, $"has a character at position {bad + 1} that is not allowed in an intake key; "
                + "allowed is printable ASCII except spaces, double quotes, backslashes and closing brackets");
            return Wrong;
        }
        if (key.Length < SekoiaLength || !key.All(char.IsAsciiLetterOrDigit))
        {
            section.Warn(source, $"does not look like a Sekoia.io intake key, which has {SekoiaLength} or more letters and digits; "
                + "check that it is complete");
        }
        return new Secret(key);
    }
}

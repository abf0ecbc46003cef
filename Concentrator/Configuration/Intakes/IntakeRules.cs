using System.Net;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration.Intakes;

/// <summary>
/// Checks the entries of an <c>intakes.yaml</c>, each alone and against the others. Everything that the forwarder would silently
/// ignore is an error.
/// </summary>
internal sealed class IntakeRules(ConfigurationErrors errors)
{
    /// <summary>Characters; a real key has exactly this many.</summary>
    private const int ShortestKey = 16;

    private const int LongestKey = 256;

    /// <summary>Placeholder for a missing or wrong key; never leaves the loader.</summary>
    private static readonly string NoKey = new('x', ShortestKey);

    private static readonly Choice<bool> Switch = new(
        ("true", true), ("false", false), ("yes", true), ("no", false), ("on", true), ("off", false));

    private static readonly Choice<IntakeProtocol?> Protocols = new(
        ("tcp", IntakeProtocol.Tcp), ("udp", IntakeProtocol.Udp), ("tls", IntakeProtocol.Tls));

    private readonly List<Intake> _intakes = [];

    /// <summary>Returns all intakes, including the invalid ones.</summary>
    public IReadOnlyList<Intake> Judge(IReadOnlyList<IntakeEntry> entries)
    {
        foreach (IntakeEntry entry in entries)
        {
            _intakes.Add(Judge(entry));
        }
        return _intakes;
    }

    private Intake Judge(IntakeEntry entry)
    {
        Intake common = new(entry)
        {
            Name = ReadName(entry),
            Key = ReadKey(entry),
            QueueSize = Value<int?>(entry, IntakeFields.QueueSize, static text => ParseNumber(text, int.MaxValue), null),
        };
        if (Value(entry, IntakeFields.Stats, Switch.Parse, false))
        {
            Refuse(entry, "does not apply to an intake with \"stats: true\", which does not listen",
                [IntakeFields.Protocol, IntakeFields.Port, IntakeFields.Debug, .. IntakeFields.Tls]);
            return common;
        }
        IntakeProtocol? protocol = entry.Text(IntakeFields.Protocol) is null
            ? Missing<IntakeProtocol?>(entry, IntakeFields.Protocol, "write tcp, udp or tls", IntakeProtocol.Tcp)
            : Value(entry, IntakeFields.Protocol, Protocols.Parse, null);
        if (protocol is IntakeProtocol.Tcp or IntakeProtocol.Udp)
        {
            Refuse(entry, $"applies to protocol tls only, and this intake's is {entry.Text(IntakeFields.Protocol) ?? "missing"}", IntakeFields.Tls);
        }
        Intake intake = common with
        {
            Protocol = protocol ?? IntakeProtocol.Tcp,
            Debug = Value(entry, IntakeFields.Debug, Switch.Parse, false),
            TlsKeyName = Value(entry, IntakeFields.TlsKeyName, ParseFileName, common.TlsKeyName),
            TlsCertificateName = Value(entry, IntakeFields.TlsCertificateName, ParseFileName, common.TlsCertificateName),
            TlsAuthorityName = Value<string?>(entry, IntakeFields.TlsAuthorityName, ParseAuthorityName, null),
        };
        return intake with { Port = ReadPort(entry, intake) };
    }

    private string ReadName(IntakeEntry entry)
    {
        string substitute = $"intake{entry.Index}";
        if (entry.Text(IntakeFields.Name) is not string text)
        {
            return Missing(entry, IntakeFields.Name, "write a name of your choice, for example Techno1", substitute);
        }
        if (text.Any(char.IsControl) || IntakeName.Of(text) is not string name)
        {
            errors.Add(entry.PathOf(IntakeFields.Name), $"{Problem.Quote(text)} is not a name; write at least one letter or digit and no control characters, "
                + "for example \"Techno1\"");
            return substitute;
        }
        if (name.Equals(IntakesTranslator.DebugOutput, StringComparison.OrdinalIgnoreCase))
        {
            errors.Add(entry.PathOf(IntakeFields.Name), $"{Problem.Quote(text)} is the name of the output of \"debug: true\"; choose another");
            return substitute;
        }
        if (_intakes.Find(other => IsNamed(other, text)) is Intake twin)
        {
            errors.Add(entry.PathOf(IntakeFields.Name), $"{Problem.Quote(text)} is the name of the intake on line {twin.Entry.Line} as well "
                + "(case and spaces are ignored); choose another");
            return substitute;
        }
        return _intakes.Exists(other => other.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ? IntakeName.Distinct(name, text) : name;
    }

    private static bool IsNamed(Intake intake, string text) =>
        intake.Entry.Text(IntakeFields.Name)?.Replace(' ', '_').Equals(text.Replace(' ', '_'), StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Reads the key; no error message shows it.</summary>
    private string ReadKey(IntakeEntry entry)
    {
        if (entry.Text(IntakeFields.Key) is not string key)
        {
            return Missing(entry, IntakeFields.Key, "write the intake key that Sekoia.io shows", NoKey);
        }
        if (key.Length is >= ShortestKey and <= LongestKey && key.All(char.IsAsciiLetterOrDigit))
        {
            return key;
        }
        errors.Add(entry.PathOf(IntakeFields.Key), $"is not an intake key, which consists of {ShortestKey} or more letters and digits and nothing "
            + $"else; this one has {key.Length} characters");
        return NoKey;
    }

    private int ReadPort(IntakeEntry entry, Intake intake)
    {
        if (entry.Text(IntakeFields.Port) is null)
        {
            return Missing(entry, IntakeFields.Port, "write the port to listen on, for example 20516", 0);
        }
        int port = Value<int?>(entry, IntakeFields.Port, static text => ParseNumber(text, IPEndPoint.MaxPort), null) ?? 0;
        bool udp = intake.Protocol == IntakeProtocol.Udp;
        if (port != 0 && _intakes.Find(other => other.Port == port && other.Protocol is not null && (other.Protocol == IntakeProtocol.Udp) == udp)
            is Intake taken)
        {
            errors.Add(entry.PathOf(IntakeFields.Port), $"{port} is already used by intake {Problem.Quote(taken.Name)} "
                + $"({Word(taken)}, line {taken.Entry.Line}); this is intake {Problem.Quote(intake.Name)} ({Word(intake)}); choose another");
            return 0;
        }
        return port;
    }

    private static string Word(Intake intake) => intake.Protocol.ToString()!.ToLowerInvariant();

    private static Parsed<int?> ParseNumber(string text, int most) =>
        WholeNumber.Parse(text, 1, most).TryGet(out int number, out string? problem) ? number : new Problem(problem);

    private static Parsed<string> ParseFileName(string text) =>
        text.Length is > 0 and <= 250 && text is not ("." or "..") && text.IndexOfAny(['/', '\0']) < 0
            ? text
            : new Problem($"{Problem.Quote(text)} is not a file name; write it without directory and extension, for example \"server\"");

    private static Parsed<string?> ParseAuthorityName(string text) =>
        ParseFileName(text).TryGet(out string? name, out string? problem) ? name : new Problem(problem);

    private T Missing<T>(IntakeEntry entry, string field, string remedy, T substitute)
    {
        errors.Add(entry.PathOf(field), $"is missing; {remedy}");
        return substitute;
    }

    private void Refuse(IntakeEntry entry, string reason, params IEnumerable<string> fields)
    {
        foreach (string field in fields.Where(entry.Fields.ContainsKey))
        {
            errors.Add(entry.PathOf(field), $"{reason}; remove it");
        }
    }

    private T Value<T>(IntakeEntry entry, string field, Func<string, Parsed<T>> parse, T fallback)
    {
        if (entry.Text(field) is not string text)
        {
            return fallback;
        }
        if (parse(text).TryGet(out T? value, out string? problem))
        {
            return value;
        }
        errors.Add(entry.PathOf(field), problem);
        return fallback;
    }
}

using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Messages.Parsing;

namespace Concentrator.Tests.Parsing;

/// <summary>The rules of <see cref="SyslogParser"/> once more, slow and obvious, over text with one character a byte.</summary>
internal static class SlowParser
{
    private const string Offset = "[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?";

    private const string Rfc3339 =
        "(?<y>[0-9]{4})-(?<mo>[0-9]{2})-(?<d>[0-9]{2})[Tt ](?<h>[0-9]{2}):(?<mi>[0-9]{2})"
        + $@"(?::(?<s>[0-9]{{2}})(?:\.(?<f>[0-9]{{1,9}}))?)?(?:[Zz]|{Offset}| {Offset}(?= ))?";

    private const string Year = "(?:19[7-9][0-9]|20[0-9]{2})";
    private const string Name = @"[!#-<>-\\^-~]";
    private const string Value = @"(?:[^""\\\]]|\\.)";
    private const string HostCharacters = @"^[-A-Za-z0-9._:%\x80-\xFF]+\z";
    private const string Controls = @"[\x00-\x1F\x7F]";

    private const RegexOptions Options = RegexOptions.Singleline | RegexOptions.CultureInvariant;

    private const string MonthAndDay = "(?i:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)  ?(?:0?[1-9]|[12][0-9]|3[01]) ";

    private static readonly Regex DateRfc3339 = new($@"^{Rfc3339}(?= |\z)", Options);
    private static readonly Regex DateRfc3339WithColon = new($@"^{Rfc3339}(?=:?(?: |\z))", Options);

    private static readonly string Bsd =
        $@"^(?:{Year} {MonthAndDay}|{MonthAndDay}(?:{Year} )?)(?:[01]?[0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]{{1,9}})?";

    private static readonly Regex DateBsd = new(Bsd + @"(?=:?(?: |\z))", Options);
    private static readonly Regex DateBsdYear = new(Bsd + $@" {Year}(?= )", Options);

    private static readonly Regex Elements = new($@"^(?:\[(?<n>{Name}+)(?: (?<n>{Name}+)=""{Value}*"")*\])+(?= |\z)", Options);

    private static readonly Regex CutElement = new(
        $@"^\[(?:{Name}*|{Name}+(?: {Name}+=""{Value}*"")*(?: (?:{Name}*|{Name}+=|{Name}+=""{Value}*\\?))?)\z", Options);

    public static (Fields Fields, bool IsMalformed) Parse(byte[] frame, HeaderFormat hint)
    {
        string text = Encoding.Latin1.GetString(frame);
        if (text.EndsWith('\n'))
            text = text[..^1];
        if (hint == HeaderFormat.Raw)
            return (new Fields(text), false);
        if (hint == HeaderFormat.Iso && Timed(new Fields(text)) is { } iso)
            return iso;
        Match pri = Regex.Match(text, "^<([0-9]{1,3})>", Options);
        bool hasPri = pri.Success && Number(pri.Groups[1]) <= 191;
        Fields start = hasPri ? new(text[pri.Length..].TrimStart(' ')) { Pri = Number(pri.Groups[1]) } : new(text);
        bool isMalformed = hasPri && Regex.IsMatch(pri.Value, "^<0[0-9]");

        (Fields Fields, bool IsMalformed)? found = hint switch
        {
            HeaderFormat.Rfc5424 => Modern(start, true, ref isMalformed),
            HeaderFormat.Rfc3164 or HeaderFormat.Local => Old(start, hint),
            HeaderFormat.Timed => Timed(start),
            _ => null,
        };
        found ??= start.Text.StartsWith("1 ", StringComparison.Ordinal)
            ? Modern(start, false, ref isMalformed)
            : Old(start, HeaderFormat.Auto) ?? (hasPri ? Dateless(start) : null);
        if (found is not { } header)
            return (hasPri ? start with { Text = text[pri.Length..] } : start, isMalformed || !hasPri || hint != HeaderFormat.Auto);
        Fields fields = header.Fields;
        bool isOver = fields.HostName.Length > 255 || fields.AppName.Length > 48 || fields.ProcId.Length > 128 || fields.MsgId.Length > 32;
        return (fields, isMalformed || header.IsMalformed || isOver);
    }

    private static (Fields, bool)? Timed(Fields start)
    {
        string date = Date(start.Text, out bool isOverlong);
        return date.Length == 0 ? null : (start with { Timestamp = date, Text = Behind(start.Text, date.Length) }, isOverlong);
    }

    private static (Fields, bool)? Modern(Fields start, bool isExpected, ref bool isMalformed)
    {
        if (!start.Text.StartsWith("1 ", StringComparison.Ordinal))
            return null;
        string rest = start.Text[2..];
        bool isNil = Regex.IsMatch(rest, @"^-(?: |\z)", Options);
        bool isOverlong = false;
        string date = isNil ? "-" : Date(rest, out isOverlong);
        if (date.Length == 0)
            return null;
        string[] parts = Behind(rest, date.Length).Split(' ', 5);
        string[] names = [.. parts.Take(4), "", "", "", ""];
        string tail = parts.Length == 5 ? parts[4] : "";
        if (tail.Length == 0 && isNil && !isExpected)
            return null;
        bool isWrong = isOverlong || tail.Length == 0
            || parts.Take(4).Any(static p => p.Length == 0 || Regex.IsMatch(p, Controls, Options));
        Fields fields = start with
        {
            Version = 1,
            Timestamp = isNil ? "" : date,
            HostName = NotNil(names[0]),
            AppName = NotNil(names[1]),
            ProcId = NotNil(names[2]),
            MsgId = NotNil(names[3]),
            Text = tail,
        };
        if (tail.Length == 0)
            return (fields, true);
        if (Regex.IsMatch(tail, @"^-(?: |\z)", Options))
            return (fields with { Text = Behind(tail, 1) }, isWrong);
        Match elements = Elements.Match(tail);
        if (elements.Success)
        {
            bool hasLongName = elements.Groups["n"].Captures.Any(static c => c.Length > 32);
            return (fields with { StructuredData = elements.Value, Text = Behind(tail, elements.Length) }, isWrong || hasLongName);
        }
        if (!isExpected && tail[0] == '[' && !tail.Contains(']', StringComparison.Ordinal) && !CutElement.IsMatch(tail))
        {
            isMalformed = true;
            return null;
        }
        return (fields, true);
    }

    private static (Fields, bool)? Old(Fields start, HeaderFormat style)
    {
        Match bsd = style == HeaderFormat.Local ? Match.Empty : DateBsdYear.Match(start.Text);
        if (!bsd.Success)
            bsd = DateBsd.Match(start.Text);
        bool isOverlong = false;
        string date = bsd.Success ? bsd.Value : Date(start.Text, out isOverlong, DateRfc3339WithColon);
        if (date.Length == 0)
            return null;
        bool needsTag = !bsd.Success && style == HeaderFormat.Auto;
        string after = Behind(start.Text, start.Text[date.Length..].StartsWith(':') ? date.Length + 1 : date.Length);
        string host = "";
        (string Name, string Pid, int Length)? tag = TagBehindBlanks(ref after);
        if (tag is null && style == HeaderFormat.Local)
        {
            tag = PhraseTag(after);
        }
        else if (tag is null && after.IndexOf(' ', StringComparison.Ordinal) > 0)
        {
            string word = after[..after.IndexOf(' ', StringComparison.Ordinal)];
            if (style == HeaderFormat.Rfc3164 ? !Regex.IsMatch(word, Controls, Options) : Regex.IsMatch(word, HostCharacters, Options))
            {
                host = word;
                after = after[(word.Length + 1)..];
                tag = TagBehindBlanks(ref after) ?? (needsTag ? null : PhraseTag(after));
            }
        }
        if (needsTag && tag is null)
            return null;
        Fields fields = start with { Timestamp = date, HostName = NotNil(host), Text = after };
        if (tag is { } t)
            fields = fields with { AppName = NotNil(t.Name), ProcId = NotNil(t.Pid), Text = after[t.Length..] };
        return (fields, isOverlong);
    }

    private static (Fields, bool)? Dateless(Fields start)
    {
        if (WordTag(start.Text) is not { } tag)
            return null;
        (string name, string pid, int length) = tag;
        return name != "-" && Regex.IsMatch(name, @"^[-A-Za-z0-9_./%@+#$\x80-\xFF]+\z", Options) && start.Text[..length].TrimEnd(' ').EndsWith(':')
            ? (start with { AppName = NotNil(name), ProcId = NotNil(pid), Text = start.Text[length..] }, false)
            : null;
    }

    private static (string, string, int)? TagBehindBlanks(ref string text)
    {
        (string, string, int)? tag = WordTag(text.TrimStart(' '));
        if (tag is not null)
            text = text.TrimStart(' ');
        return tag;
    }

    private static (string, string, int)? WordTag(string text)
    {
        if (text.StartsWith(": ", StringComparison.Ordinal))
            return ("", "", 2);
        string word = text.Split(' ')[0];
        if (Regex.IsMatch(word, @"^(?:[0-9A-Fa-f]{1,4}:){1,7}:\z", Options))
            return null;
        int blank = word.Length < text.Length ? 1 : 0;
        Match match = Regex.Match(word, @"^(.+)\[([^\[]*)\]:\z", Options);
        if (!match.Success && !Regex.IsMatch(word, @"^\[[^\[]*\]:\z", Options))
            match = Regex.Match(word, @"^(.+)():\z", Options);
        int length = match.Length + blank;
        if (!match.Success && !word.EndsWith(':'))
        {
            match = Regex.Match(word, @"^((?:(?!\]:).)+)\[([0-9]+)\]:", Options);
            length = match.Length;
            if (!match.Success && blank == 1)
            {
                match = Regex.Match(word, @"^(.+)\[([^\[]*)\]\z", Options);
                length = match.Length + 1;
            }
        }
        return match.Success && !Regex.IsMatch(match.Value, Controls, Options)
            ? (match.Groups[1].Value, match.Groups[2].Value, length)
            : null;
    }

    private static (string, string, int)? PhraseTag(string text)
    {
        Match match = Regex.Match(text[..Math.Min(61, text.Length)], @"^((?:(?!\]:).)+)\[([0-9]+)\]:", Options);
        string name = match.Groups[1].Value;
        if (!match.Success || name.Length > 48 || name[0] == ' ' || name.Contains(": ", StringComparison.Ordinal)
            || Regex.IsMatch(name, Controls, Options))
            return null;
        bool hasBlank = match.Length < text.Length && text[match.Length] == ' ';
        return (name, match.Groups[2].Value, match.Length + (hasBlank ? 1 : 0));
    }

    private static string Date(string text, out bool isOverlong, Regex? form = null)
    {
        Match match = (form ?? DateRfc3339).Match(text);
        isOverlong = match.Groups["f"].Length > 6;
        if (!match.Success)
            return "";
        int year = Number(match.Groups["y"]);
        int month = Number(match.Groups["mo"]);
        bool isRight = month is >= 1 and <= 12
            && Number(match.Groups["d"]) is int day && day >= 1 && day <= DateTime.DaysInMonth(year == 0 ? 4 : year, month)
            && Number(match.Groups["h"]) <= 23 && Number(match.Groups["mi"]) <= 59
            && (!match.Groups["s"].Success || Number(match.Groups["s"]) <= 59);
        isOverlong &= isRight;
        return isRight ? match.Value : "";
    }

    private static int Number(Group digits) => int.Parse(digits.Value, CultureInfo.InvariantCulture);

    private static string Behind(string text, int length) => length < text.Length ? text[(length + 1)..] : "";

    private static string NotNil(string field) => field == "-" ? "" : field;
}

using System.Globalization;
using System.Text.RegularExpressions;
using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

internal enum ImportOutcome
{
    Translated,
    NotNeeded,
    NotSupported,
}

/// <summary>One line of the report.</summary>
/// <param name="Place"><c>FILE:LINE</c> or <c>FILE:FIRST-LAST</c>.</param>
/// <param name="Outcome">The outcome of the statement.</param>
/// <param name="Statement">On one line, shortened, without keys.</param>
/// <param name="Sentence">What it became, why it was not translated, or what was done instead.</param>
internal sealed record ImportLine(string Place, ImportOutcome Outcome, string Statement, string Sentence)
{
    public override string ToString()
    {
        string outcome = Outcome switch
        {
            ImportOutcome.Translated => "translated",
            ImportOutcome.NotNeeded => "not needed",
            _ => "not supported",
        };
        return $"{Place}: {outcome}: {Statement}: {Sentence}";
    }
}

/// <summary>Collects the outcome of each statement. The most severe outcome of a statement wins; of equal ones the first.</summary>
internal sealed partial class ImportReport
{
    /// <summary>The sentence for a translated condition.</summary>
    public const string Condition = "became a condition of the routes below it";

    /// <summary>The sentence for statements under a condition that is not supported.</summary>
    public const string UnderUnsupported = "omitted, because its condition is not supported";

    private const int MostShown = 80;

    /// <summary>Sentences left out if there are others for the same line.</summary>
    private static readonly string[] Plain = [Condition, UnderUnsupported];

    /// <summary>Characters. Shorter secrets are not masked, because they would mask parts of ordinary words.</summary>
    private const int ShortestSecret = 8;

    private readonly Dictionary<RsyslogStatement, (ImportOutcome Outcome, string Sentence)> _outcomes = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> _secrets = new(StringComparer.Ordinal);

    /// <param name="lost">Parts without a counterpart; if there are any, the statement counts as not supported.</param>
    public void Translated(RsyslogStatement statement, string sentence, params IEnumerable<string> lost)
    {
        string losses = string.Join("; ", lost);
        if (losses.Length == 0) Add(statement, ImportOutcome.Translated, sentence);
        else NotSupported(statement, $"{sentence}; but {losses}");
    }

    public void Translated(RsyslogStatement statement, string sentence, ImportNotes notes) =>
        Translated(statement, string.Join("; ", notes.Said.Prepend(sentence)), notes.Lost);

    /// <summary>Reports an action without a counterpart; always null.</summary>
    public ActionTarget? LeaveOut(RsyslogStatement action, string reason)
    {
        NotSupported(action, $"{reason}; the action was omitted");
        return null;
    }

    public void NotNeeded(RsyslogStatement statement, string sentence) => Add(statement, ImportOutcome.NotNeeded, sentence);

    public void NotSupported(RsyslogStatement statement, string sentence) => Add(statement, ImportOutcome.NotSupported, sentence);

    public void Add(RsyslogStatement statement, ImportOutcome outcome, string sentence)
    {
        if (!_outcomes.TryGetValue(statement, out (ImportOutcome Outcome, string) before) || outcome > before.Outcome && outcome == ImportOutcome.NotSupported)
        {
            _outcomes[statement] = (outcome, sentence);
        }
    }

    /// <summary>Replaces an earlier outcome by not supported.</summary>
    public void Revise(RsyslogStatement statement, string sentence) => _outcomes[statement] = (ImportOutcome.NotSupported, sentence);

    public bool IsTranslated(RsyslogStatement statement) => _outcomes.TryGetValue(statement, out (ImportOutcome Outcome, string) said) && said.Outcome == ImportOutcome.Translated;

    /// <summary>Marks all inner statements without an outcome as not supported; malformed ones get their own sentence.</summary>
    public void NotSupportedInside(RsyslogStatement statement, string sentence)
    {
        foreach (RsyslogStatement inner in statement.Inner)
        {
            if (inner is RsyslogBroken broken) NotSupported(broken, broken.Problem);
            else if (!Has(inner)) NotSupported(inner, sentence);
            NotSupportedInside(inner, sentence);
        }
    }

    public bool Has(RsyslogStatement statement) => _outcomes.ContainsKey(statement);

    /// <summary>Masks this text in the whole report.</summary>
    public void Protect(string secret)
    {
        if (secret.Length >= ShortestSecret) _secrets.Add(secret);
    }

    /// <summary>
    /// The report in the order of the files, included files in the place of the include. Statements on the same line are one entry with
    /// the most severe outcome, so that every line except blank ones, comments and closing braces is in one entry.
    /// </summary>
    public IReadOnlyList<ImportLine> Lines(IEnumerable<RsyslogStatement> statements)
    {
        List<List<RsyslogStatement>> groups = [];
        int end = 0;
        foreach (RsyslogStatement statement in Walk(statements))
        {
            bool shares = groups is [.., [.., RsyslogStatement last]] && ReferenceEquals(last.File, statement.File) && statement.Line <= end && last is not RsyslogInclude;
            if (!shares) groups.Add([]);
            groups[^1].Add(statement);
            end = shares ? Math.Max(end, statement.EndLine) : statement.EndLine;
        }
        return [.. groups.Select(LineOf)];
    }

    /// <summary>All statements with their inner ones, in order.</summary>
    public static IEnumerable<RsyslogStatement> Walk(IEnumerable<RsyslogStatement> statements)
    {
        Stack<RsyslogStatement> waiting = new(statements.Reverse());
        while (waiting.TryPop(out RsyslogStatement? statement))
        {
            yield return statement;
            foreach (RsyslogStatement inner in statement.Inner.Reverse()) waiting.Push(inner);
        }
    }

    private ImportLine LineOf(List<RsyslogStatement> statements)
    {
        int last = statements.Max(static statement => statement.EndLine);
        string place = statements[0].Origin + (last > statements[0].Line ? string.Create(CultureInfo.InvariantCulture, $"-{last}") : "");
        ImportOutcome[] outcomes = [.. statements.Select(statement => _outcomes[statement].Outcome)];
        ImportOutcome outcome = outcomes.Contains(ImportOutcome.NotSupported) ? ImportOutcome.NotSupported
            : outcomes.Contains(ImportOutcome.Translated) ? ImportOutcome.Translated
            : ImportOutcome.NotNeeded;
        List<string> sentences = [.. statements.Select(statement => _outcomes[statement].Sentence).Distinct()];
        if (sentences.Exists(static sentence => !Plain.Contains(sentence))) sentences.RemoveAll(Plain.Contains);
        string text = Clean(string.Join(' ', statements.Select(static statement => statement.Text)));
        string shown = text.Length <= MostShown ? text : $"{text.AsSpan(0, MostShown)}…";
        return new ImportLine(Problem.OneLine(place), outcome, shown, Clean(string.Join("; ", sentences)));
    }

    private string Clean(string text)
    {
        foreach (string secret in _secrets) text = text.Replace(secret, "…", StringComparison.Ordinal);
        return Problem.OneLine(Key().Replace(text, "$1…"));
    }

    [GeneratedRegex("""(intake_key\s*=\s*\\*["']?)[^"'\\\]\s]+""", RegexOptions.IgnoreCase)]
    private static partial Regex Key();
}

namespace Concentrator.Tools.Import;

/// <summary>The places of statements in a text, and the statements made of what is malformed there.</summary>
/// <param name="file">The file's name in every statement.</param>
/// <param name="text">Its text; the position is the end of the statement being read.</param>
internal sealed class StatementPlaces(string file, RsyslogText text)
{
    /// <summary>From the start to the text's position.</summary>
    public StatementPlace From(int start) => Between(start, text.At);

    public StatementPlace Between(int start, int end) => new(file, text.LineOf(start), LastLine(start, end), text.OneLine(start, end));

    public RsyslogBroken Broken(int start, string problem) => new(From(start)) { Problem = problem };

    /// <summary>Gives up: moves to the end of the text, and shows only the first line of what is left out.</summary>
    public RsyslogBroken BrokenToEnd(int start, string problem)
    {
        text.At = text.Length;
        int end = text.All.IndexOf('\n', start);
        int last = LastLine(start, text.Length);
        return new RsyslogBroken(new StatementPlace(file, text.LineOf(start), last, text.OneLine(start, end < 0 ? text.Length : end)))
        {
            Problem = $"{problem}; nothing from here to line {last} was read",
        };
    }

    /// <summary>The line of the last character before the end that is not white space.</summary>
    private int LastLine(int start, int end)
    {
        int last = Math.Min(end, text.Length) - 1;
        while (last > start && char.IsWhiteSpace(text.All[last])) last--;
        return text.LineOf(Math.Max(start, last));
    }
}

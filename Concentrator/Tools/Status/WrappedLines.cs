namespace Concentrator.Tools.Status;

/// <summary>Lines of a report for a terminal: text is wrapped at blanks, and its continuation is indented further.</summary>
/// <param name="width">Characters of a line.</param>
internal sealed class WrappedLines(int width)
{
    public const string Indent = "  ";

    private readonly List<string> _lines = [];

    public IReadOnlyList<string> All => _lines;

    /// <summary>Adds a line as it is.</summary>
    public void AddLine(string line) => _lines.Add(line);

    /// <summary>Adds text, without control characters.</summary>
    public void Add(string text, string indent = Indent)
    {
        string line = indent;
        bool isBegun = false;
        foreach (string word in StatusValues.Printable(text).Split(' '))
        {
            string rest = word;
            if (isBegun && line.Length + 1 + rest.Length > width) End();
            for (int room; rest.Length > (room = width - line.Length - (isBegun ? 1 : 0)); rest = rest[room..])
            {
                line += rest[..room];
                End();
            }
            line += isBegun ? $" {rest}" : rest;
            isBegun = true;
        }
        _lines.Add(line);

        void End()
        {
            _lines.Add(line);
            line = indent + Indent;
            isBegun = false;
        }
    }
}

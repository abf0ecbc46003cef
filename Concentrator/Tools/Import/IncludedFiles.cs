using System.IO.Enumeration;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Values;

namespace Concentrator.Tools.Import;

/// <summary>Reads files and their includes as rsyslog does: names unchanged, wildcards only in the last part of the path.</summary>
internal sealed class IncludedFiles
{
    private const int MostFiles = 1000;

    /// <summary>rsyslog itself stops at ten.</summary>
    private const int MostDepth = 10;

    private readonly Stack<string> _open = new();
    private int _count;

    /// <summary>Reads a file named on the command line.</summary>
    public Parsed<RsyslogStatement[]> ReadNamed(string file) =>
        TextFile.Read(file).TryGet(out string? text, out string? problem) ? (RsyslogStatement[])[.. Open(file, text)] : new Problem(problem);

    /// <summary>Reads the files of an include: their number, their statements in order, and what went wrong.</summary>
    public (int Count, IReadOnlyList<RsyslogStatement> Statements, string? Problem) Read(string pattern, bool isOptional)
    {
        List<RsyslogStatement> statements = [];
        if (pattern.Length == 0) return (0, [], "it has no file name");
        if (pattern.Contains('\0', StringComparison.Ordinal)) return (0, [], "the path contains a NUL character");
        List<string> problems = [];
        int count = 0;
        foreach (string file in Find(pattern))
        {
            if (Refuse(file) is string refusal)
            {
                problems.Add($"{file}: {refusal}");
            }
            else if (TextFile.Read(file).TryGet(out string? text, out string? problem))
            {
                statements.AddRange(Open(file, text));
                count++;
            }
            else if (!isOptional || problem != "does not exist")
            {
                problems.Add($"{file} {problem}");
            }
        }
        return (count, statements, problems.Count == 0 ? null : string.Join("; ", problems));
    }

    private IReadOnlyList<RsyslogStatement> Open(string file, string text)
    {
        _count++;
        _open.Push(Path.GetFullPath(file));
        IReadOnlyList<RsyslogStatement> statements = RsyslogYamlReader.Reads(file)
            ? RsyslogYamlReader.Read(this, file, text)
            : RsyslogReader.Read(this, file, text);
        _open.Pop();
        return statements;
    }

    private string? Refuse(string file) =>
        _open.Contains(Path.GetFullPath(file)) ? "includes itself and was not read again"
        : _open.Count > MostDepth ? $"includes are nested deeper than {MostDepth}"
        : _count >= MostFiles ? $"more than {MostFiles} files are included"
        : null;

    private static List<string> Find(string pattern)
    {
        string name = Path.GetFileName(pattern);
        if (name.Length == 0 && Directory.Exists(pattern)) name = "*";
        if (name.AsSpan().IndexOfAny('*', '?') < 0) return [pattern];
        string folder = pattern[..^Path.GetFileName(pattern).Length];
        try
        {
            return Directory.EnumerateFiles(folder.Length == 0 ? "." : folder)
                .Select(static file => Path.GetFileName(file))
                .Where(file => !file.StartsWith('.') && FileSystemName.MatchesSimpleExpression(name, file, ignoreCase: false))
                .Order(StringComparer.Ordinal)
                .Select(file => folder + file)
                .ToList();
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return [pattern];
        }
    }
}

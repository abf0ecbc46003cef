using System.Collections.Concurrent;
using System.Text;

namespace Concentrator.Tools.Demo;

/// <summary>
/// The server's own log: all of it goes to a file, and what a spectator should see (relays, warnings) is handed to the
/// view. Written by one thread at a time, a line and then a flush, as <c>ServerLog</c> does.
/// </summary>
internal sealed class DemoEvents(string path) : TextWriter
{
    private readonly StreamWriter _file = new(path, append: false);
    private readonly StringBuilder _line = new();
    private readonly ConcurrentQueue<string> _toShow = new();

    /// <summary>False once the play is over: repeats that the log then unfolds are old news.</summary>
    public bool IsShowing { get; set; } = true;

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => _line.Append(value);

    public override void Write(string? value) => _line.Append(value);

    public override void Flush()
    {
        string text = _line.ToString();
        _line.Clear();
        _file.Write(text);
        _file.Flush();
        if (!IsShowing) return;
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            // Without the time: the view shows its own.
            string shown = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            if (!shown.StartsWith("INFO ", StringComparison.Ordinal)) _toShow.Enqueue(shown);
            else if (shown.StartsWith("INFO relay", StringComparison.Ordinal)) _toShow.Enqueue(shown["INFO ".Length..]);
        }
    }

    /// <summary>The next event that the view has not shown. Any thread.</summary>
    public bool TryTake(out string? line) => _toShow.TryDequeue(out line);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }
}

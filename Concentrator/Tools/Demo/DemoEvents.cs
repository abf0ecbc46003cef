using System.Collections.Concurrent;
using System.Text;

namespace Concentrator.Tools.Demo;

/// <summary>
/// Receives the server's own log. Writes all of it to a file, and passes on what a spectator should see (relays, warnings) to the view.
/// Used by one thread at a time, which writes a line and then flushes, as <c>ServerLog</c> does.
/// </summary>
internal sealed class DemoEvents(string path) : TextWriter
{
    private readonly StreamWriter _file = new(path, append: false);
    private readonly StringBuilder _line = new();
    private readonly ConcurrentQueue<string> _toShow = new();

    /// <summary>Set to false at the end of the demo, so that late repeat summaries are not shown.</summary>
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
            // Without the time, because the view shows its own.
            string shown = line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..];
            if (!shown.StartsWith("INFO ", StringComparison.Ordinal)) _toShow.Enqueue(shown);
            else if (shown.StartsWith("INFO relay", StringComparison.Ordinal)) _toShow.Enqueue(shown["INFO ".Length..]);
        }
    }

    /// <summary>The next event that the view has not shown. Thread-safe.</summary>
    public bool TryTake(out string? line) => _toShow.TryDequeue(out line);

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }
}

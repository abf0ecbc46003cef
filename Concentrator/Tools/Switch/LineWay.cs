using Concentrator.Tools.Trace;

namespace Concentrator.Tools.Switch;

/// <summary>The way of a marked line through the server, until it is in a file or, where no route leads it to one, in a relay's queue.</summary>
/// <param name="files">The paths of the file outputs, by their names.</param>
internal sealed class LineWay(IReadOnlyDictionary<string, string> files)
{
    private readonly List<string> _relays = [];
    private bool _goesToFile;

    /// <summary>Whether the line was sent.</summary>
    public bool IsSent { get; private set; }

    /// <summary>Where it is, as the end of a sentence; null = not there yet.</summary>
    public string? Found { get; private set; }

    /// <summary>Notes a station; false when the line is where it should be.</summary>
    public bool Reach(TraceStation station)
    {
        IsSent = true;
        switch (station.Name)
        {
            case "queued" when files.ContainsKey(station.Output!):
                _goesToFile = true;
                break;
            case "queued":
                _relays.Add(station.Output!);
                break;
            case "written":
                Found = $"is in {files.GetValueOrDefault(station.Output!, station.Output!)}";
                break;
            case "stored" or "acknowledged" when !_goesToFile:
                Found = $"is in the queue of {string.Join(", ", _relays)}";
                break;
        }
        return Found is null;
    }
}

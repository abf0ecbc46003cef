using Concentrator.Native;

namespace Concentrator.Tools.Shadow;

/// <summary>
/// Reads the lines that are appended to a file, as <c>tail -F</c> does: of a file that was renamed also what its writer still adds
/// until it is told to let go, beside the new one under the name. One thread.
/// </summary>
internal sealed class FollowedFile : IDisposable
{
    private readonly string _path;
    private GrowingFile? _current;
    private GrowingFile? _former;

    /// <param name="path">May not exist yet; what it holds now is passed over.</param>
    /// <exception cref="IOException">The file is there and cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file is there and may not be read.</exception>
    public FollowedFile(string path)
    {
        _path = path;
        _current = GrowingFile.TryOpen(path);
        _current?.PassOver();
    }

    /// <summary>Bytes of the file that has the name now; 0 when none has.</summary>
    public long Length => _current?.Length ?? 0;

    /// <summary>The whole lines that have come since the last call, without their LF, a character a byte.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A new file under the name may not be read.</exception>
    public IReadOnlyList<string> ReadLines()
    {
        List<string> lines = [];
        _former?.ReadLines(lines);
        _current ??= GrowingFile.TryOpen(_path);
        _current?.ReadLines(lines);
        if (_current is null || FileCalls.Identify(_path) is not { } named || named == _current.Identity) return lines;
        if (GrowingFile.TryOpen(_path) is not { } next) return lines;
        _former?.Dispose();
        _former = _current;
        _current = next;
        next.ReadLines(lines);
        return lines;
    }

    public void Dispose()
    {
        _former?.Dispose();
        _current?.Dispose();
    }
}

using Concentrator.Native;

namespace Concentrator.Tools.Shadow;

/// <summary>
/// Reads lines as they are appended to a file, as <c>tail -F</c> does. After a rename it reads both the new file under the name and the
/// former one, to which its writer may still append. Not thread-safe.
/// </summary>
internal sealed class FollowedFile : IDisposable
{
    private readonly string _path;
    private GrowingFile? _current;
    private GrowingFile? _former;

    /// <param name="path">Need not exist yet. Its present content is skipped.</param>
    /// <exception cref="IOException">The file exists and cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file exists and access is denied.</exception>
    public FollowedFile(string path)
    {
        _path = path;
        _current = GrowingFile.TryOpen(path);
        _current?.PassOver();
    }

    /// <summary>Bytes in the file that has the name now; 0 when none has.</summary>
    public long Length => _current?.Length ?? 0;

    /// <summary>The complete lines since the last call, without their LF, one character per byte.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">Access to a new file under the name is denied.</exception>
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

namespace Concentrator.Tools.Switch;

/// <summary>What was appended to a file since this object was created. The file may not exist yet.</summary>
internal sealed class FileGrowth(string file)
{
    private readonly long _from = new FileInfo(file) is { Exists: true } found ? found.Length : 0;

    public string File { get; } = file;

    /// <summary>Opens the file at the first new byte; at its beginning if it was rotated meanwhile.</summary>
    /// <exception cref="IOException">The file does not exist.</exception>
    public FileStream Open()
    {
        FileStream stream = new(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length >= _from) stream.Position = _from;
        return stream;
    }
}

namespace Concentrator.Tools.Switch;

/// <summary>What a file has gained since this was made; one that is not there yet may come.</summary>
internal sealed class FileGrowth(string file)
{
    private readonly long _from = new FileInfo(file) is { Exists: true } found ? found.Length : 0;

    public string File { get; } = file;

    /// <summary>Opens it where the new part begins: at its beginning, where it was rotated meanwhile.</summary>
    /// <exception cref="IOException">It is not there.</exception>
    public FileStream Open()
    {
        FileStream stream = new(File, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        if (stream.Length >= _from) stream.Position = _from;
        return stream;
    }
}

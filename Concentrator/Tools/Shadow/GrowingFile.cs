using System.Text;
using Concentrator.Native;

namespace Concentrator.Tools.Shadow;

/// <summary>An open file that another program appends to. After a truncation it is read from its beginning. Not thread-safe.</summary>
internal sealed class GrowingFile : IDisposable
{
    /// <summary>The limit of an unfinished line in characters. A longer line is split there.</summary>
    private const int MostHeld = 1024 * 1024;

    private readonly FileStream _file;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly StringBuilder _unfinished = new();

    private GrowingFile(FileStream file)
    {
        _file = file;
        Identity = FileCalls.Identify(file.SafeFileHandle);
    }

    public FileIdentity? Identity { get; }

    /// <summary>The present length in bytes.</summary>
    public long Length => _file.Length;

    /// <summary>Opens the file; null when it does not exist.</summary>
    public static GrowingFile? TryOpen(string path)
    {
        try
        {
            return new GrowingFile(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0));
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Skips the present content.</summary>
    public void PassOver() => _file.Seek(0, SeekOrigin.End);

    /// <summary>Adds the new complete lines, one character per byte.</summary>
    public void ReadLines(List<string> lines)
    {
        if (_file.Position > _file.Length) _file.Seek(0, SeekOrigin.Begin);
        for (int read; (read = _file.Read(_buffer)) > 0;)
        {
            ReadOnlySpan<byte> bytes = _buffer.AsSpan(0, read);
            for (int end; (end = bytes.IndexOf((byte)'\n')) >= 0; bytes = bytes[(end + 1)..])
            {
                _unfinished.Append(Encoding.Latin1.GetString(bytes[..end]));
                End(lines);
            }
            _unfinished.Append(Encoding.Latin1.GetString(bytes));
            if (_unfinished.Length > MostHeld) End(lines);
        }
    }

    public void Dispose() => _file.Dispose();

    private void End(List<string> lines)
    {
        lines.Add(_unfinished.ToString());
        _unfinished.Clear();
    }
}

using System.Text;
using Concentrator.Native;

namespace Concentrator.Tools.Shadow;

/// <summary>One open file that somebody appends to. After a truncation it is read from its beginning. One thread.</summary>
internal sealed class GrowingFile : IDisposable
{
    /// <summary>Characters of an unfinished line that are kept; what is longer is a line by itself.</summary>
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

    /// <summary>Bytes.</summary>
    public long Length => _file.Length;

    /// <summary>Null when there is no such file.</summary>
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

    /// <summary>What it holds now is nobody's concern.</summary>
    public void PassOver() => _file.Seek(0, SeekOrigin.End);

    /// <summary>Adds the whole lines that have come, a character a byte.</summary>
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

using System.Text;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A directory of the test's own, removed with everything in it. Its path is short: a unix socket's path has at most 107
/// bytes (sun_path without the final NUL).
/// </summary>
internal sealed class TempDirectory : IDisposable
{
    private const int LongestSocketPath = 107;

    public TempDirectory() => Path = Directory.CreateTempSubdirectory("cc-").FullName;

    public string Path { get; }

    /// <summary>The path of a name inside, which need not exist; slashes make sub-directories.</summary>
    public string this[string name] => System.IO.Path.Combine(Path, name);

    /// <summary>As the indexer, with the directory above it created, and short enough to be a socket's name.</summary>
    public string Socket(string name)
    {
        string path = this[name];
        Assert.That(Encoding.UTF8.GetByteCount(path), Is.LessThanOrEqualTo(LongestSocketPath), $"too long for a socket: {path}");
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        return path;
    }

    /// <summary>Writes a text file and returns its path.</summary>
    public string Write(string name, string text)
    {
        string path = this[name];
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Writes a program that everybody may run, and returns its path.</summary>
    public string WriteProgram(string name, string text)
    {
        string path = Write(name, text);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return path;
    }

    public void Dispose()
    {
        // A program that is just ending may still create a file while we delete; the second try finds it gone.
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                Directory.Delete(Path, recursive: true);
                return;
            }
            catch (DirectoryNotFoundException)
            {
                return;
            }
            catch (IOException) when (attempt < 20)
            {
                Thread.Sleep(50);
            }
        }
    }
}

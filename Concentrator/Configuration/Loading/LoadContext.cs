using Concentrator.Configuration.Options;

namespace Concentrator.Configuration.Loading;

/// <summary>What all readers of one load share.</summary>
/// <param name="BaseDirectory">Relative certificate and key files are meant from here: the folder of the configuration file.</param>
internal sealed record LoadContext(ConfigurationErrors Errors, KeyOrigins Origins, string BaseDirectory)
{
    /// <summary>Those that were read.</summary>
    public List<NamedFile> Files { get; } = [];

    /// <param name="path">Of the key that names it.</param>
    /// <param name="file">Its full path.</param>
    public void HasRead(string path, string file) => Files.Add(new NamedFile(Origins.Find(path)?.Text, path, file));

    /// <summary>A path with a NUL character is none and stays as it is: <see cref="PlainFile"/> says so when it is read.</summary>
    public string FullPath(string file) => file.Contains('\0', StringComparison.Ordinal) ? file : Path.GetFullPath(file, BaseDirectory);
}

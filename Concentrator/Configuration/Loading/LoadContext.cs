using Concentrator.Configuration.Options;

namespace Concentrator.Configuration.Loading;

/// <summary>State shared by all readers of one load.</summary>
/// <param name="BaseDirectory">Base of relative certificate and key paths: the folder of the configuration file.</param>
internal sealed record LoadContext(ConfigurationErrors Errors, KeyOrigins Origins, string BaseDirectory)
{
    /// <summary>The environment variables that other programs know too, such as <c>HTTPS_PROXY</c>.</summary>
    public IReadOnlyDictionary<string, string> Variables { get; init; } = new Dictionary<string, string>();

    /// <summary>The files that were read.</summary>
    public List<NamedFile> Files { get; } = [];

    /// <param name="path">Path of the key that names the file.</param>
    /// <param name="file">Its full path.</param>
    public void HasRead(string path, string file) => Files.Add(new NamedFile(Origins.Find(path)?.Text, path, file));

    /// <summary>A path with a NUL character is invalid and returned as it is; <see cref="WholeFile"/> reports it on reading.</summary>
    public string FullPath(string file) => file.Contains('\0', StringComparison.Ordinal) ? file : Path.GetFullPath(file, BaseDirectory);
}

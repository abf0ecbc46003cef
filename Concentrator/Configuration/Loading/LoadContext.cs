namespace Concentrator.Configuration.Loading;

/// <summary>What all readers of one load share.</summary>
/// <param name="BaseDirectory">Relative certificate and key files are meant from here: the folder of the configuration file.</param>
internal sealed record LoadContext(ConfigurationErrors Errors, KeyOrigins Origins, string BaseDirectory)
{
    public string FullPath(string file) => Path.GetFullPath(file, BaseDirectory);
}

using Microsoft.Extensions.Configuration;

namespace Concentrator.Configuration.Loading;

/// <summary>
/// A layer of the configuration that records where each of its keys was given. Layers must be loaded in their order, the weakest
/// first, as a <see cref="ConfigurationBuilder"/> loads them.
/// </summary>
/// <param name="origins">Records the origin of every key.</param>
internal abstract class LayerProvider(KeyOrigins origins) : ConfigurationProvider, IConfigurationSource
{
    protected KeyOrigins Origins { get; } = origins;

    /// <summary>False after reporting that nothing can be read from the source; the layer then has no keys.</summary>
    public bool IsRead { get; private set; }

    public sealed override void Load() => IsRead = Read();

    public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

    /// <summary>Sets the layer's keys; false after reporting that there is nothing to read them from.</summary>
    protected abstract bool Read();

    /// <summary>Sets a key and records its origin (<see cref="KeyOrigin"/>).</summary>
    protected void Set(string path, string? value, string? origin, int? line, Layer layer, int file = 0)
    {
        Data[path] = value;
        Origins.Record(path, origin, line, layer, file);
    }
}

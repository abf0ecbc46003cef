using Concentrator.Configuration.Loading;

namespace Concentrator.Configuration;

/// <summary>The keys that the environment sets, and over them those of the command line.</summary>
/// <param name="variables">The variables that set keys.</param>
/// <param name="arguments">From the command line; a later one wins.</param>
/// <param name="origins">Records the origin of every key.</param>
internal sealed class OverridesProvider(
    IReadOnlyList<KeyVariable> variables, IReadOnlyList<ConfigurationOverride> arguments, KeyOrigins origins) : LayerProvider(origins)
{
    protected override bool Read()
    {
        foreach (KeyVariable variable in variables)
        {
            Set(variable.Path, variable.Value, $"environment variable {variable.Name}", null, Layer.Environment);
        }
        foreach (ConfigurationOverride argument in arguments)
        {
            Set(argument.Key, argument.Value, $"argument {argument}", null, Layer.CommandLine);
        }
        return true;
    }
}

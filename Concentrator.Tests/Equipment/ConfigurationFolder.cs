using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>A folder of its own for each test, with certificates in it and an environment that owes nothing to the machine.</summary>
internal sealed class ConfigurationFolder : IDisposable
{
    public ConfigurationFolder() => Path = Directory.CreateTempSubdirectory("concentrator-configuration-").FullName;

    public string Path { get; }

    /// <summary>The environment variables that <see cref="Load"/> shows to the loader.</summary>
    public Dictionary<string, string> Variables { get; } = [];

    public ConfigurationEnvironment Surroundings =>
        new(Variables, In("default.json")) { DefaultIntakes = In("intakes.yaml"), CertificatesFolder = Path };

    public string In(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string content)
    {
        File.WriteAllText(In(name), content);
        return In(name);
    }

    /// <summary>Writes a file of <c>conf.d</c>, which is read after whatever configuration file lies here.</summary>
    public string WritePart(string name, string content)
    {
        Directory.CreateDirectory(In("conf.d"));
        return Write($"conf.d/{name}", content);
    }

    /// <summary>Loads the text as a file, with further command-line arguments.</summary>
    public ConfigurationResult Load(string json, params string[] arguments) =>
        ConfigurationLoader.Load(Write("test.json", json), Overrides(arguments), Surroundings);

    /// <summary>Loads the text as an <c>intakes.yaml</c>, with further command-line arguments.</summary>
    public ConfigurationResult LoadIntakes(string yaml, params string[] arguments) =>
        ConfigurationLoader.Load(null, Overrides(arguments), Surroundings, Write("named.yaml", yaml));

    /// <summary>Loads whatever there is without a named file.</summary>
    public ConfigurationResult LoadDefault(params string[] arguments) => ConfigurationLoader.Load(null, Overrides(arguments), Surroundings);

    /// <summary>Writes <c>NAME.crt</c> and <c>NAME.key</c>.</summary>
    public void WriteCertificate(string name, int validUntilDays = 1) =>
        TestCertificates.Authority.IssueServer([name], validUntilDays - 2, validUntilDays).WritePem(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static IReadOnlyList<ConfigurationOverride> Overrides(string[] arguments)
    {
        bool parsed = ConfigurationOverride.TryParse(
            arguments, [], out IReadOnlyList<ConfigurationOverride> overrides, out string? problem);
        Assert.That(parsed, Is.True, problem);
        return overrides;
    }
}

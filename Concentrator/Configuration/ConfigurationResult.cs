using System.Diagnostics.CodeAnalysis;
using Concentrator.Configuration.Loading;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;

namespace Concentrator.Configuration;

/// <summary>Either valid options or all errors.</summary>
internal sealed class ConfigurationResult
{
    /// <summary>Set when there are no errors.</summary>
    public ServerOptions? Options { get; private init; }

    /// <summary>All errors, those of the files first and in their order; empty when <see cref="Options"/> is set.</summary>
    public required IReadOnlyList<ConfigurationError> Errors { get; init; }

    /// <summary>The path of the file read, or <see cref="BuiltInConfigurationProvider.Source"/>.</summary>
    public required string Source { get; init; }

    /// <summary>The files of <c>conf.d</c> that were read after it, in that order; empty unless there are options.</summary>
    public IReadOnlyList<string> Parts { get; private init; } = [];

    /// <summary>The names of everything that was read, for messages.</summary>
    public string Sources => Parts.Count == 0 ? Source : Problem.OneLine($"{Source}, {string.Join(", ", Parts)}");

    /// <summary>The content of the <c>intakes.yaml</c>, empty if it could not be read; null if the source is not such a file.</summary>
    public byte[]? Intakes { get; private init; }

    /// <summary>
    /// The status pages of a server with this configuration; null = none. For an invalid configuration the value if it could be read,
    /// else the default.
    /// </summary>
    public required MonitoringOptions? Monitoring { get; init; }

    /// <summary>
    /// The spool's directory of a server with this configuration, in which its control socket is. For an invalid configuration as
    /// <see cref="Monitoring"/>.
    /// </summary>
    public required string SpoolDirectory { get; init; }

    [MemberNotNullWhen(true, nameof(Options))]
    public bool IsValid => Options is not null;

    public static ConfigurationResult Valid(string source, ServerOptions options, byte[]? intakes, IReadOnlyList<string> parts) =>
        new()
        {
            Source = source,
            Options = options,
            Errors = [],
            Intakes = intakes,
            Parts = parts,
            Monitoring = options.Monitoring,
            SpoolDirectory = options.Spool.Directory,
        };

    public static ConfigurationResult Invalid(
        string source, IReadOnlyList<ConfigurationError> errors, byte[]? intakes, MonitoringOptions? monitoring, string spoolDirectory) =>
        new() { Source = source, Errors = errors, Intakes = intakes, Monitoring = monitoring, SpoolDirectory = spoolDirectory };
}

using System.Collections.Immutable;

namespace Concentrator.Tools.Import;

/// <summary>Global settings of rsyslog, and the settings that its legacy lines make for later statements.</summary>
internal sealed class ImportSettings
{
    private static readonly ImmutableDictionary<string, string> Nothing = ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<RsyslogStatement, ImmutableDictionary<string, string>> _legacyAt = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, RsyslogParameters> _modules = new(StringComparer.OrdinalIgnoreCase);
    private ImmutableDictionary<string, string> _legacy = Nothing;

    /// <summary>The parameters of <c>global(…)</c> and of legacy lines with the same names; the last of each wins.</summary>
    public Dictionary<string, string> Globals { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The parameters with which a module was loaded; none if it was not loaded.</summary>
    public RsyslogParameters Module(string name) => _modules.TryGetValue(name, out RsyslogParameters? parameters) ? parameters : new RsyslogParameters();

    public void Load(string module, RsyslogParameters parameters) => _modules[module] = parameters;

    /// <summary>Applies a legacy line to the statements after it.</summary>
    public void Set(string name, string value) => _legacy = _legacy.SetItem(name, value);

    /// <summary>Records the settings of the legacy lines before the statement.</summary>
    public void Remember(RsyslogStatement statement) => _legacyAt[statement] = _legacy;

    /// <summary>The value that a legacy line before the statement set, or null.</summary>
    public string? Legacy(RsyslogStatement statement, string name) =>
        _legacyAt.GetValueOrDefault(statement, Nothing).GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}

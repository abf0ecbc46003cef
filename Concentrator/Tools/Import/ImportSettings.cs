using System.Collections.Immutable;

namespace Concentrator.Tools.Import;

/// <summary>What holds for the whole of rsyslog, and what its legacy lines set for the statements after them.</summary>
internal sealed class ImportSettings
{
    private static readonly ImmutableDictionary<string, string> Nothing = ImmutableDictionary.Create<string, string>(StringComparer.OrdinalIgnoreCase);

    private readonly Dictionary<RsyslogStatement, ImmutableDictionary<string, string>> _legacyAt = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, RsyslogParameters> _modules = new(StringComparer.OrdinalIgnoreCase);
    private ImmutableDictionary<string, string> _legacy = Nothing;

    /// <summary>Of <c>global(…)</c> and of legacy lines with the same names, the last of each.</summary>
    public Dictionary<string, string> Globals { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The parameters that a module was loaded with; none where it was not.</summary>
    public RsyslogParameters Module(string name) => _modules.TryGetValue(name, out RsyslogParameters? parameters) ? parameters : new RsyslogParameters();

    public void Load(string module, RsyslogParameters parameters) => _modules[module] = parameters;

    /// <summary>A legacy line, which holds for the statements after it.</summary>
    public void Set(string name, string value) => _legacy = _legacy.SetItem(name, value);

    /// <summary>Notes what the legacy lines before the statement have set.</summary>
    public void Remember(RsyslogStatement statement) => _legacyAt[statement] = _legacy;

    /// <summary>What a legacy line before the statement set; null where none did.</summary>
    public string? Legacy(RsyslogStatement statement, string name) =>
        _legacyAt.GetValueOrDefault(statement, Nothing).GetValueOrDefault(name) is { Length: > 0 } value ? value : null;
}

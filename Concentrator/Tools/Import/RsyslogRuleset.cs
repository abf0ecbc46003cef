namespace Concentrator.Tools.Import;

/// <summary>A named list of rules.</summary>
internal sealed class RsyslogRuleset(string name)
{
    public string Name => name;

    public List<RsyslogStatement> Statements { get; } = [];

    /// <summary>Whether the ruleset has its own queue, so that it runs apart from its caller.</summary>
    public bool HasQueue { get; set; }
}

using Concentrator.Configuration.Options;

namespace Concentrator.Tools.Import;

/// <summary>A listener, and the properties of the rsyslog input that decide where its messages go.</summary>
/// <param name="Options">The options that the configuration will have.</param>
/// <param name="InputName">rsyslog's property <c>inputname</c> of its messages.</param>
/// <param name="Ruleset">Null for the default one.</param>
/// <param name="Origin"><c>FILE:LINE</c>.</param>
internal sealed record ImportedInput(ListenerOptions Options, string InputName, string? Ruleset, string Origin);

/// <summary>One output, and the place of its action.</summary>
internal sealed record ImportedOutput(OutputOptions Options, string Origin);

/// <summary>One route, and the place of its first output.</summary>
internal sealed record ImportedRoute(RouteCondition Condition, string? IntakeKey, IReadOnlyList<string> To, string Origin)
{
    public bool Stop { get; init; }

    /// <summary>The actions and stops that were translated into it.</summary>
    public IReadOnlyList<RsyslogStatement> Actions { get; init; } = [];
}

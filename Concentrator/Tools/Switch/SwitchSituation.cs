namespace Concentrator.Tools.Switch;

/// <summary>How the host stands before anything is done.</summary>
/// <param name="Place">Where we listen and HAProxy is to send.</param>
/// <param name="ComesHere">Whether HAProxy's lines come here already.</param>
/// <param name="Reader">Who reads now where HAProxy sends, for people.</param>
/// <param name="HasSnippet">Whether rsyslog's file for HAProxy is there.</param>
/// <param name="Changes">Lines of HAProxy's configuration that would be better, or that must be changed (<see cref="SwitchPlace.IsOwnName"/>).</param>
internal sealed record SwitchSituation(
    SwitchPlace Place, bool ComesHere, string Reader, bool HasSnippet, IReadOnlyList<LineChange> Changes);

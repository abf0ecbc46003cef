namespace Concentrator.Tools.Switch;

/// <summary>The state of the host before anything is done.</summary>
/// <param name="Place">The socket that we listen at and HAProxy is to send to.</param>
/// <param name="ComesHere">Whether HAProxy's lines already arrive here.</param>
/// <param name="Reader">Who reads HAProxy's lines now, as text.</param>
/// <param name="HasSnippet">Whether rsyslog's file for HAProxy exists.</param>
/// <param name="Changes">Lines of HAProxy's configuration that should or (<see cref="SwitchPlace.IsOwnName"/>) must change.</param>
internal sealed record SwitchFindings(
    SwitchPlace Place, bool ComesHere, string Reader, bool HasSnippet, IReadOnlyList<LineChange> Changes);

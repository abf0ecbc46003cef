namespace Concentrator.Messages.HAProxyLines;

/// <summary>
/// What a line of HAProxy says, as views of the message's text: nothing is copied or allocated. Valid as long as the text is. The fields are set for
/// requests and sessions alone (<see cref="IsTraffic"/>).
/// </summary>
internal ref struct HAProxyLine
{
    public LineKind Kind;

    /// <summary>Whether the line tells of a request or session that has ended, with all the fields below.</summary>
    public bool IsTraffic;

    /// <summary>Whether the line ends before its format does, or inside a quoted string: HAProxy's <c>len</c> or a ring's <c>maxlen</c> has cut it.</summary>
    public bool IsUnfinished;

    /// <summary>The frontend and the backend as they stand in the line, with the slash behind them: <c>www~ be_app/</c>.</summary>
    public ReadOnlySpan<byte> Names;

    /// <summary>Where in the names the backend begins.</summary>
    public int BackendAt;

    /// <summary>Whether the names are those that were known before (<see cref="RecentNames"/>).</summary>
    public bool HasKnownNames;

    /// <summary>Without the <c>~</c> of a TLS connection.</summary>
    public readonly ReadOnlySpan<byte> Frontend => BackendAt < 2 ? [] : Names[..(Names[BackendAt - 2] == '~' ? BackendAt - 2 : BackendAt - 1)];

    public readonly ReadOnlySpan<byte> Backend => Names.IsEmpty ? [] : Names[BackendAt..^1];

    /// <summary>HTTP's status; -1 if there was none, 0 for a TCP session.</summary>
    public int Status;

    /// <summary>Time to the response (<c>%Tr</c>) in milliseconds; -1 if there was none.</summary>
    public int ResponseTime;

    /// <summary>Time of the whole request (<c>%Ta</c>) in milliseconds; -1 if unknown. With <c>option logasap</c>, the time so far.</summary>
    public int ActiveTime;

    /// <summary>The first two characters of the termination state, each a letter or <c>-</c>.</summary>
    public byte Cause, Phase;

    /// <summary>The value of a last field <c>lc=%lc</c>, HAProxy's count of the frontend's lines; -1 without one.</summary>
    public long LogCounter;
}

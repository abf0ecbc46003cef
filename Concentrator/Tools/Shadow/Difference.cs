namespace Concentrator.Tools.Shadow;

/// <summary>How two lines of the same message may differ, in the order of the report.</summary>
internal enum Difference
{
    /// <summary>The time. We write the time of reception; rsyslog writes the sender's for messages from the network.</summary>
    Time,

    /// <summary>One has the traditional time, the other RFC 3339's. A reader of the file would understand only one of them.</summary>
    TimeForm,

    /// <summary>The host name.</summary>
    Host,

    /// <summary>rsyslog names a loopback sender <c>localhost</c>; we write this host's name.</summary>
    Localhost,

    /// <summary>The colon after the tag, which rsyslog leaves out of RFC 5424 messages.</summary>
    ColonAfterTag,

    /// <summary>Blanks at the start of the text, which rsyslog keeps.</summary>
    LeadingBlanks,

    /// <summary>The other line is the beginning of ours: rsyslog cuts at 8 KB by default.</summary>
    TheirsIsCut,

    /// <summary>Our line is the beginning of the other.</summary>
    OursIsCut,

    /// <summary>A control byte that one writes as it is and the other as <c>#ooo</c>.</summary>
    ControlBytes,

    /// <summary>Byte 127, which we write as <c>#177</c> and rsyslog as it is.</summary>
    Delete,

    /// <summary>The tag or the text, in any other way.</summary>
    Text,

    /// <summary>The other file has no such line.</summary>
    OnlyOurs,

    /// <summary>Our file has no such line.</summary>
    OnlyTheirs,
}

/// <summary>The explanation of each kind of difference.</summary>
internal static class Differences
{
    /// <summary>Known (docs/guide/from-rsyslog.md) and harmless to readers of the file. A comparison with no others passes.</summary>
    public static bool IsExpected(this Difference difference) =>
        difference is Difference.Time or Difference.Localhost or Difference.ColonAfterTag or Difference.LeadingBlanks or Difference.TheirsIsCut
            or Difference.Delete;

    public static string Explanation(this Difference difference) => difference switch
    {
        Difference.Time => "different time: we write the time of reception, rsyslog the sender's time if the message came over the network",
        Difference.TimeForm => "different time format: set the output's Format to that of the other file, traditional or rfc3339, or omit it",
        Difference.Host => "different host name",
        Difference.Localhost => "localhost in the other file: rsyslog writes it for a local message without a host name, we write this host's name",
        Difference.ColonAfterTag => "no colon after the tag in the other file: rsyslog writes none for RFC 5424 messages",
        Difference.LeadingBlanks => "spaces at the start of the text in the other file",
        Difference.TheirsIsCut => "longer than the line in the other file: rsyslog truncates at its maxMessageSize, 8 KB by default",
        Difference.OursIsCut => "shorter than the line in the other file: raise MaxMessageSize, or HAProxy's len on the line that sends to us",
        Difference.ControlBytes => "control characters escaped in only one of the files",
        Difference.Delete => "a DEL byte (127) in the other file, which we escape as #177",
        Difference.Text => "different text",
        Difference.OnlyOurs => "not in the other file: rsyslog lost it or filters it out",
        Difference.OnlyTheirs => "not received by us: it comes from another sender, or HAProxy does not log it to our address",
        _ => throw new ArgumentOutOfRangeException(nameof(difference)),
    };
}

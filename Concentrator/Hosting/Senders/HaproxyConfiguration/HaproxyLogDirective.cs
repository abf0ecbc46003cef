using System.Collections.Immutable;
using System.Globalization;
using Concentrator.Configuration.Options;

namespace Concentrator.Hosting.Senders.HaproxyConfiguration;

/// <summary>A <c>log</c> line of haproxy.cfg.</summary>
/// <param name="Place"><c>FILE:LINE</c>.</param>
/// <param name="Text">The line, its words separated by single spaces.</param>
/// <param name="Address">The destination: a path, <c>host:port</c>, or <c>kind@rest</c>.</param>
internal sealed record HaproxyLogDirective(string Place, string Text, string Address)
{
    /// <summary>The default <c>len</c>, in bytes of header and message. Longer lines are cut (docs/reference/haproxy.md, Length).</summary>
    public const int DefaultLength = 1024;

    /// <summary>HAProxy's names of the severities, the most severe first.</summary>
    public static readonly ImmutableArray<string> Severities = ["emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"];

    public int Length { get; private init; } = DefaultLength;

    /// <summary>The header's format; null when the line names none.</summary>
    public string? Format { get; private init; }

    public string? Facility { get; private init; }

    /// <summary>The least severe level that is sent, 7 = all.</summary>
    public int Level { get; private init; } = 7;

    /// <summary>Whether the line gets only a share of the messages (<c>sample</c>).</summary>
    public bool IsSampled { get; private init; }

    /// <summary>The <c>log-profile</c> section that the line names; null for none.</summary>
    public string? Profile { get; private init; }

    /// <summary>The section that the line is in.</summary>
    public required HaproxySection Of { get; init; }

    public HaproxyAddress Where { get; } = HaproxyAddress.Parse(Address, isStream: false);

    /// <summary>The path of a unix datagram socket, inside HAProxy's chroot; null for any other address.</summary>
    public string? SocketPath => IsImplicitRing ? null : Where.Path;

    /// <summary>The name of an abstract socket, datagram or (for an implicit ring) stream; null for any other address.</summary>
    public AbstractName? Abstract => Where.Abstract;

    /// <summary>Whether the line uses a stream without a ring section (docs/reference/haproxy.md, Rings).</summary>
    public bool IsImplicitRing => Where.IsStream;

    /// <summary>The name of the ring section; null for any other address.</summary>
    public string? RingName => Address.StartsWith("ring@", StringComparison.Ordinal) ? Address[5..] : null;

    /// <summary>The name of the backend in mode log; null for any other address.</summary>
    public string? BackendName => Address.StartsWith("backend@", StringComparison.Ordinal) ? Address[8..] : null;

    /// <summary>Whether the line leads to a syslog receiver, not to a terminal or file descriptor.</summary>
    public bool IsSyslog => Address is not ("stdout" or "stderr") && !Address.StartsWith("fd@", StringComparison.Ordinal);

    /// <param name="place">FILE:LINE.</param>
    /// <param name="text">The line, its words separated by single spaces.</param>
    /// <param name="section">The section that the line is in.</param>
    /// <param name="words">The words of the line, <c>log</c> first; at least two.</param>
    public static HaproxyLogDirective Parse(string place, string text, HaproxySection section, string[] words)
    {
        int length = DefaultLength;
        string? format = null, profile = null;
        bool sampled = false;
        int at = 2;
        for (; at + 1 < words.Length && words[at] is "len" or "format" or "sample" or "profile"; at += 2)
        {
            if (words[at] == "len" && int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out int given)) length = given;
            else if (words[at] == "format") format = words[at + 1];
            else if (words[at] == "profile") profile = words[at + 1];
            else if (words[at] == "sample") sampled = true;
        }
        int level = at + 1 < words.Length ? Severities.IndexOf(words[at + 1]) : 7;
        return new HaproxyLogDirective(place, text, words[1])
        {
            Of = section,
            IsSampled = sampled,
            Profile = profile,
            Length = length,
            Format = format,
            Facility = at < words.Length ? words[at] : null,
            Level = level < 0 ? 7 : level,
        };
    }
}

using Concentrator.Configuration.Options;
using Concentrator.Messages;
using Concentrator.Messages.Rendering;
using Concentrator.Routing;

namespace Concentrator.Taps;

/// <summary>A message that has just been routed, as taps are offered it: views that are valid during the call.</summary>
internal readonly ref struct TappedMessage
{
    /// <summary>The listener that received it.</summary>
    public required ListenerOptions Listener { get; init; }

    /// <summary>As parsed. Not a reference, because a <c>ref struct</c> cannot hold one to another.</summary>
    public required SyslogMessage Message { get; init; }

    /// <summary>Its reception.</summary>
    public required Reception Reception { get; init; }

    /// <summary>Its sender; unknown at a unix socket.</summary>
    public required SenderAddress Sender { get; init; }

    /// <summary>What its routes and their outputs did with it.</summary>
    public required RouteTrail Trail { get; init; }

    /// <summary>Whether it was cut at <c>MaxMessageSize</c>.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>Whether it continues a message that was cut, and was therefore not parsed.</summary>
    public bool IsContinued { get; init; }
}

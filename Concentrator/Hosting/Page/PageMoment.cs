using Concentrator.Accounting;

namespace Concentrator.Hosting.Page;

/// <summary>The moment that a page shows: all its sections show the same figures.</summary>
/// <param name="Time">UTC.</param>
internal sealed record PageMoment(DateTime Time, IReadOnlyList<ListenerSnapshot> Listeners, IReadOnlyList<OutputSnapshot> Outputs);

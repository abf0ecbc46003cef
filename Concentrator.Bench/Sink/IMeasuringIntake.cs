using System.Net;

namespace Concentrator.Bench.Sink;

/// <summary>An intake that records what arrives.</summary>
internal interface IMeasuringIntake : IDisposable
{
    IPEndPoint EndPoint { get; }

    /// <summary>Where arrivals are recorded. Replace it for another measurement.</summary>
    SinkTally Tally { get; set; }
}

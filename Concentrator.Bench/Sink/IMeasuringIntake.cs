using System.Net;

namespace Concentrator.Bench.Sink;

/// <summary>An intake that records what arrives.</summary>
internal interface IMeasuringIntake : IDisposable
{
    public IPEndPoint EndPoint { get; }

    /// <summary>Where arrivals are recorded. Replace it for another measurement.</summary>
    public SinkTally Tally { get; set; }
}

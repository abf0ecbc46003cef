using Concentrator.Tools.Top;

namespace Concentrator.Tests.Tools.Top;

/// <summary>Readings of a server with one listener and one relay.</summary>
internal static class Readings
{
    /// <param name="at">Seconds since the server's start.</param>
    public static ServerReading Server(double at, long received = 0, long accepted = 0, long delivered = 0) => new(
        new DateTime(2026, 11, 30, 12, 0, 0, DateTimeKind.Utc).AddSeconds(at), "0.1.0", Process: 7, Uptime: at, IsReady: true, Problems: [],
        [new ListenerReading("haproxy", received, received * 300, Unrouted: 0, KernelDropped: 0, LostBefore: 0, Unreadable: 0, Balances: true, Problem: null)],
        [Relay() with { Accepted = accepted, Delivered = delivered, Queued = accepted - delivered }],
        Events: []);

    public static OutputReading Relay() => new(
        "sekoia", Accepted: 0, Delivered: 0, Queued: 0, QueuedBytes: 0, CapacityBytes: 1000, Dropped: 0, Balances: true,
        DrainSeconds: 0, AutonomySeconds: double.PositiveInfinity, IsConnected: true, Problem: null);
}

namespace Concentrator.Ingest.Sockets;

/// <summary>A running listener's name and socket.</summary>
internal sealed record BoundListener(string Name, BoundSocket Socket);

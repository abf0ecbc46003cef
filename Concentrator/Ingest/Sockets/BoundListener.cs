namespace Concentrator.Ingest.Sockets;

/// <summary>A listener that runs, and its socket.</summary>
internal sealed record BoundListener(string Name, BoundSocket Socket);

namespace Concentrator.Ingest.Sockets;

/// <summary>A running listener's name and socket.</summary>
internal sealed record ListenerSocket(string Name, BoundSocket Socket);

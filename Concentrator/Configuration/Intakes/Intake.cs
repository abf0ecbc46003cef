namespace Concentrator.Configuration.Intakes;

/// <summary>How an intake listens.</summary>
internal enum IntakeProtocol : byte
{
    Tcp,
    Udp,
    Tls,
}

/// <summary>One intake. Invalid values have been reported and replaced by harmless ones, so that the rest can be checked.</summary>
/// <param name="Entry">The entry it was read from.</param>
internal sealed record Intake(IntakeEntry Entry)
{
    /// <summary>The name of its listener and its output: <see cref="IntakeName"/> of the written name.</summary>
    public required string Name { get; init; }

    /// <summary>Null for the intake of the forwarder's own counters, which does not listen.</summary>
    public IntakeProtocol? Protocol { get; init; }

    public int Port { get; init; }

    public required string Key { get; init; }

    /// <summary>Messages held in memory; null = an even share of <c>MEMORY_MESSAGES</c>.</summary>
    public int? QueueSize { get; init; }

    /// <summary>Whether every message is printed on standard output, as received and as relayed.</summary>
    public bool Debug { get; init; }

    /// <summary>Names of files in the certificates folder, without extension.</summary>
    public string TlsKeyName { get; init; } = "server";

    public string TlsCertificateName { get; init; } = "server";

    /// <summary>Null = clients need no certificate.</summary>
    public string? TlsAuthorityName { get; init; }
}

namespace Concentrator.Configuration.Intakes;

/// <summary>How an intake listens.</summary>
internal enum IntakeProtocol : byte
{
    Tcp,
    Udp,
    Tls,
}

/// <summary>One intake. Where something was wrong and has been reported, something harmless stands in, so that the rest can be checked.</summary>
/// <param name="Entry">Where it was read.</param>
internal sealed record Intake(IntakeEntry Entry)
{
    /// <summary>The name of its listener and of its output: <see cref="IntakeName"/> of what is written.</summary>
    public required string Name { get; init; }

    /// <summary>Null for the intake that takes the forwarder's own counters, and listens nowhere.</summary>
    public IntakeProtocol? Protocol { get; init; }

    public int Port { get; init; }

    public required string Key { get; init; }

    /// <summary>Messages held in memory; null = an even share of <c>MEMORY_MESSAGES</c>.</summary>
    public int? QueueSize { get; init; }

    /// <summary>Every message is shown on standard output, as received and as relayed.</summary>
    public bool Debug { get; init; }

    /// <summary>Names of files in the folder of certificates, without their endings.</summary>
    public string TlsKeyName { get; init; } = "server";

    public string TlsCertificateName { get; init; } = "server";

    /// <summary>Null = clients need no certificate.</summary>
    public string? TlsAuthorityName { get; init; }
}

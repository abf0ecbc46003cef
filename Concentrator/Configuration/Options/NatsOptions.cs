namespace Concentrator.Configuration.Options;

/// <summary>What a message of a stream holds (configuration key <c>Outputs.*.Batch</c>).</summary>
internal enum NatsBatch : byte
{
    /// <summary>A block of the queue: many octet-counted frames, for another Concentrator.</summary>
    Block,

    /// <summary>One syslog message, for any consumer.</summary>
    Message,
}

/// <summary>How a client proves to NATS servers who it is. At most one kind is set; none = the servers ask for nothing.</summary>
internal sealed record NatsCredentials
{
    /// <summary>Set together with <see cref="Password"/>.</summary>
    public string? User { get; init; }

    public Secret? Password { get; init; }

    public Secret? Token { get; init; }

    /// <summary>The seed of a user's NKey (<c>SU…</c>): it signs the server's challenge and never leaves this host.</summary>
    public Secret? NKey { get; init; }

    /// <summary>A <c>.creds</c> file with a JWT and its seed, as <c>nsc</c> writes it; read at every connect.</summary>
    public string? CredentialsFile { get; init; }
}

/// <summary>What a stream that is created keeps (configuration key <c>CreateStream:Retention</c>).</summary>
internal enum NatsRetention : byte
{
    /// <summary>What its one consumer has not acknowledged: a queue between edges and relays.</summary>
    Work,

    /// <summary>Everything, delivered or not, until a limit deletes it or the stream is full.</summary>
    Limits,
}

/// <summary>How a stream is created that does not exist. Sizes and times that are null are unlimited.</summary>
internal sealed record NatsStreamLimits
{
    /// <summary>Servers that hold each message: 1 to 5, an odd number.</summary>
    public int Replicas { get; init; } = 3;

    public NatsRetention Retention { get; init; } = NatsRetention.Work;

    /// <summary>Bytes. A stream that is full takes nothing more (<c>discard new</c>): what comes waits in the spool.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>Older messages are deleted, delivered or not.</summary>
    public TimeSpan? MaxAge { get; init; }
}

/// <summary>When a listener tells a stream that a message is done (configuration key <c>Listeners.*.Acknowledge</c>).</summary>
internal enum NatsAcknowledge : byte
{
    /// <summary>When every output that it went to has delivered, dropped or refused all of it.</summary>
    Delivered,

    /// <summary>When it is in the queues: what this host then loses with its disk is lost.</summary>
    Queued,
}

/// <summary>What a listener at <c>nats://…</c> has in place of a socket's options.</summary>
internal sealed record NatsListenerOptions
{
    public required string Stream { get; init; }

    /// <summary>A durable pull consumer, which any number of servers share; created where it does not exist.</summary>
    public required string Consumer { get; init; }

    public NatsAcknowledge Acknowledge { get; init; }

    public NatsCredentials Credentials { get; init; } = new();

    /// <summary>Null = plain TCP.</summary>
    public RelayTlsOptions? Tls { get; init; }
}

/// <summary>What an output of type <c>nats</c> has in place of a syslog peer's options.</summary>
internal sealed record NatsOutputOptions
{
    /// <summary>The stream whose acknowledgement counts: another stream that takes the subject is refused.</summary>
    public required string Stream { get; init; }

    /// <summary>The subject published to, without wildcards; <see cref="HostPlace"/> stands for this host's name.</summary>
    public required string Subject { get; init; }

    public NatsBatch Batch { get; init; }

    /// <summary>Null = a missing stream is not created.</summary>
    public NatsStreamLimits? CreateStream { get; init; }

    public NatsCredentials Credentials { get; init; } = new();

    /// <summary>A token of a subject that stands for this host's name.</summary>
    public const string HostPlace = "{host}";
}

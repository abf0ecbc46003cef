namespace Concentrator.JetStream;

/// <summary>What a consumer says about a message, to its reply subject.</summary>
internal static class StreamAnswers
{
    /// <summary>It is dealt with.</summary>
    public static readonly ReadOnlyMemory<byte> Done = "+ACK"u8.ToArray();

    /// <summary>It is being worked on: the time in which it has to be acknowledged begins anew.</summary>
    public static readonly ReadOnlyMemory<byte> InProgress = "+WPI"u8.ToArray();

    /// <summary>Another consumer should have it.</summary>
    public static readonly ReadOnlyMemory<byte> GiveBack = "-NAK"u8.ToArray();

    /// <summary>Another consumer should have it, in half a minute.</summary>
    public static readonly ReadOnlyMemory<byte> GiveBackLater = "-NAK {\"delay\":30000000000}"u8.ToArray();

    /// <summary>Nobody can use it: it is not given out again.</summary>
    public static readonly ReadOnlyMemory<byte> Unusable = "+TERM"u8.ToArray();
}

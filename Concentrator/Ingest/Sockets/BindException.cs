namespace Concentrator.Ingest.Sockets;

/// <summary>A listener cannot bind its address. The message is one line: which address, why, and what to do. Exit code 2.</summary>
internal sealed class BindException : Exception
{
    public BindException(string listener, string address, string reason)
        : base($"Listeners:{listener}: cannot listen on {address}: {reason}") => Reason = reason;

    /// <summary>Why, without the listener and the address.</summary>
    public string Reason { get; }
}

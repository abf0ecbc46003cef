namespace Concentrator.Ingest.Sockets;

/// <summary>A listener cannot have its address: the message is one line that says which, why, and what to do. Exit code 2.</summary>
internal sealed class BindException : Exception
{
    public BindException(string listener, string address, string reason)
        : base($"Listeners:{listener}: cannot listen on {address}: {reason}")
    {
    }
}

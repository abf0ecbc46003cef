namespace Concentrator.Tools.Switch;

/// <summary>A step or its undo failed. The message is one line for the operator: what happened, and where.</summary>
internal sealed class SwitchFailure(string message) : Exception(message)
{
    /// <summary>Exceptions that a step may end with. They are reported in one line, and everything is undone.</summary>
    public static bool IsExpected(Exception e) =>
        e is SwitchFailure or IOException or UnauthorizedAccessException or OperationCanceledException or System.Net.Sockets.SocketException;
}

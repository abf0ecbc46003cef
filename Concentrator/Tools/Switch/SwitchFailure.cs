namespace Concentrator.Tools.Switch;

/// <summary>A step cannot be done, or not be undone. The message is one line for people: what happened, and where.</summary>
internal sealed class SwitchFailure(string message) : Exception(message)
{
    /// <summary>What a step may end with: told in one line, and everything is undone.</summary>
    public static bool IsExpected(Exception e) =>
        e is SwitchFailure or IOException or UnauthorizedAccessException or OperationCanceledException or System.Net.Sockets.SocketException;
}

using System.Net.Sockets;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>How the other side ended a connection, seen at the bare socket.</summary>
internal static class SocketAssert
{
    /// <summary>RST.</summary>
    public static void IsReset(Socket socket) => Assert.That(End(socket), Is.EqualTo("reset"));

    /// <summary>FIN.</summary>
    public static void IsFinished(Socket socket) => Assert.That(End(socket), Is.EqualTo("finished"));

    /// <summary>One or the other.</summary>
    public static void IsEnded(Socket socket) => Assert.That(End(socket), Is.AnyOf("reset", "finished"));

    private static string End(Socket socket)
    {
        socket.ReceiveTimeout = (int)Deadline.Reaction.TotalMilliseconds;
        byte[] buffer = new byte[1024];
        try
        {
            while (socket.Receive(buffer) > 0)
            {
            }
            return "finished";
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode == SocketError.ConnectionReset ? "reset" : e.SocketErrorCode.ToString();
        }
    }
}

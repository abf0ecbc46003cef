using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Concentrator.Hosting.Senders;

/// <summary>Queries HAProxy's stats socket.</summary>
internal static class HaproxyStats
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    /// <summary>The fields of <c>show info</c>, such as <c>CumReq</c>.</summary>
    /// <exception cref="SocketException">Nothing answers, or access is denied.</exception>
    /// <exception cref="IOException">The answer is incomplete.</exception>
    /// <exception cref="OperationCanceledException">The deadline passes, or the caller cancels.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> InfoAsync(EndPoint at, CancellationToken stop)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(Deadline);
        using Socket socket = new(at.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(at, deadline.Token).ConfigureAwait(false);
        using NetworkStream stream = new(socket);
        await stream.WriteAsync("show info\n"u8.ToArray(), deadline.Token).ConfigureAwait(false);
        using StreamReader reader = new(stream, Encoding.Latin1);
        return Fields(await reader.ReadToEndAsync(deadline.Token).ConfigureAwait(false));
    }

    private static Dictionary<string, string> Fields(string text)
    {
        Dictionary<string, string> fields = new(StringComparer.Ordinal);
        foreach (string line in text.Split('\n'))
        {
            string[] parts = line.Split(": ", 2);
            if (parts.Length == 2) fields[parts[0]] = parts[1].Trim();
        }
        return fields;
    }
}

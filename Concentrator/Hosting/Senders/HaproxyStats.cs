using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Concentrator.Hosting.Senders;

/// <summary>Queries HAProxy's stats socket.</summary>
internal static partial class HaproxyStats
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(3);

    /// <summary>The fields of <c>show info</c>, such as <c>CumReq</c>.</summary>
    /// <inheritdoc cref="AskAsync" path="/exception"/>
    public static async Task<IReadOnlyDictionary<string, string>> InfoAsync(EndPoint at, CancellationToken stop) => Fields(await AskAsync(at, "show info", stop).ConfigureAwait(false));

    /// <summary>For each ring, by name, the messages that it has dropped and not announced yet (<c>show events</c>).</summary>
    /// <inheritdoc cref="AskAsync" path="/exception"/>
    public static async Task<IReadOnlyDictionary<string, long>> UnannouncedAsync(EndPoint at, CancellationToken stop)
    {
        Dictionary<string, long> dropped = new(StringComparer.Ordinal);
        foreach (Match ring in Ring().Matches(await AskAsync(at, "show events", stop).ConfigureAwait(false)))
            dropped[ring.Groups["name"].Value] = long.Parse(ring.Groups["dropped"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture);
        return dropped;
    }

    /// <summary>The answer to a command.</summary>
    /// <exception cref="SocketException">Nothing answers, or access is denied.</exception>
    /// <exception cref="IOException">The answer is incomplete.</exception>
    /// <exception cref="OperationCanceledException">The deadline passes, or the caller cancels.</exception>
    public static async Task<string> AskAsync(EndPoint at, string command, CancellationToken stop)
    {
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(stop);
        deadline.CancelAfter(Deadline);
        using Socket socket = new(at.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(at, deadline.Token).ConfigureAwait(false);
        using NetworkStream stream = new(socket);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(command + "\n"), deadline.Token).ConfigureAwait(false);
        using StreamReader reader = new(stream, Encoding.Latin1);
        return await reader.ReadToEndAsync(deadline.Token).ConfigureAwait(false);
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

    [GeneratedRegex(@"^ *(?<name>\S+) *: type=buffer, (?<dropped>[0-9]{1,18}) dropped", RegexOptions.Multiline)]
    private static partial Regex Ring();
}

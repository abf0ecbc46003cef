using System.Globalization;
using System.Text;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Telemetry.Log;

namespace Concentrator.Targets.Relays.Relp;

/// <summary>
/// The first transaction of a session: <c>open</c> with our offers, answered by those that the peer accepts. An offer is a line
/// <c>NAME=VALUE</c>.
/// </summary>
internal static class RelpOpening
{
    private const int Version = 1;

    /// <summary>Opens the session; returns null when it is open, otherwise a readable reason why not.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    /// <exception cref="OperationCanceledException">The deadline has passed.</exception>
    public static async Task<string?> AskAsync(Stream stream, RelpReader reader, CancellationToken deadline)
    {
        string offers = $"relp_version={Version}\nrelp_software=concentrator,{ProgramVersion.Current.Number}\ncommands=syslog";
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"1 open {offers.Length} {offers}\n"), deadline).ConfigureAwait(false);
        while (true)
        {
            switch (reader.TryRead(out RelpFrame answer))
            {
                case RelpParse.Frame when answer.Command != RelpCommand.Hint:
                    return Judge(answer);
                case RelpParse.Broken:
                    return $"the peer does not speak RELP: it answered '{reader.Unread}'";
                case RelpParse.Partial:
                    int received = await stream.ReadAsync(reader.Room, deadline).ConfigureAwait(false);
                    reader.Add(received);
                    if (received > 0) continue;
                    return reader.Unread.Length == 0
                        ? "the peer closed the connection without answering RELP's open"
                        : $"the peer closed the connection in the middle of its answer '{reader.Unread}'";
            }
        }
    }

    private static string? Judge(RelpFrame answer)
    {
        if (answer.Command == RelpCommand.ServerClose) return "the peer closed it at once (serverclose): it does not accept RELP from this host";
        if (answer.Transaction != 1) return $"the peer answered transaction {answer.Transaction}, but only 1 is open";
        if (answer.Status != 200) return $"the peer refused it: '{PeerText.Show(answer.Data.Span)}'";
        string[] lines = Encoding.UTF8.GetString(answer.Data.Span).Split('\n');
        if (Offer(lines, "relp_version") is { } version && !(int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number <= Version))
            return $"the peer offered RELP version '{PeerText.Show(Encoding.UTF8.GetBytes(version))}', but only version {Version} is supported";
        return Offer(lines, "commands") is { } commands && commands.Split(',', StringSplitOptions.TrimEntries).Contains("syslog")
            ? null
            : "the peer does not offer the command syslog: it does not accept messages";
    }

    private static string? Offer(string[] lines, string name)
    {
        foreach (string line in lines)
        {
            int equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals >= 0 && line.AsSpan(0, equals).Trim().Equals(name, StringComparison.OrdinalIgnoreCase)) return line[(equals + 1)..].Trim();
        }
        return null;
    }
}

using System.Globalization;
using System.Net.Sockets;
using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// Socket activation (sd_listen_fds(3)): a service manager that binds our sockets passes them as the descriptors from 3 on.
/// <c>LISTEN_FDS</c> is their number, <c>LISTEN_PID</c> the process that they are for, <c>LISTEN_FDNAMES</c> their names: those of the
/// socket units, or ours where the manager has kept a socket for us (<see cref="KeptSockets"/>).
/// </summary>
internal static class ListenDescriptors
{
    private const int First = 3;

    /// <summary>An upper bound for a number from outside; no service has more.</summary>
    private const int Most = 1024;

    /// <summary>The sockets passed to this process; none if the variables are meant for another process.</summary>
    public static InheritedSockets Receive(IReadOnlyDictionary<string, string> variables, ILogger log)
    {
        KeptSockets kept = KeptSockets.With(variables);
        if (variables.GetValueOrDefault("LISTEN_PID") != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return new InheritedSockets([], kept);
        string? said = variables.GetValueOrDefault("LISTEN_FDS");
        if (int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= Most)
            return new InheritedSockets(Open(First, count, variables.GetValueOrDefault("LISTEN_FDNAMES"), log), kept);
        log.DescriptorUnusable("LISTEN_FDS", $"'{said}' is not a number of file descriptors");
        return new InheritedSockets([], kept);
    }

    /// <summary>Takes over <paramref name="count"/> descriptors from <paramref name="first"/> on; logs and skips non-sockets.</summary>
    public static IReadOnlyList<InheritedSocket> Open(int first, int count, string? names, ILogger log)
    {
        string[] parts = names?.Split(':') ?? [];
        List<InheritedSocket> sockets = [];
        for (int i = 0; i < count; i++)
        {
            string name = i < parts.Length ? parts[i] : "";
            try
            {
                // Child processes must not inherit them.
                if (!DescriptorCalls.TrySetCloseOnExec(first + i)) throw new SocketException((int)SocketError.NotSocket);
                Socket socket = new(new SafeSocketHandle(first + i, ownsHandle: true));
                sockets.Add(name.StartsWith(KeptSockets.NamePrefix, StringComparison.Ordinal)
                    ? new InheritedSocket(new HandedSocket(name[KeptSockets.NamePrefix.Length..], IsLent: false, File: null), socket)
                    : new InheritedSocket(name, socket));
            }
            catch (SocketException e)
            {
                log.DescriptorUnusable($"{first + i} ('{name}')", e.Message);
            }
        }
        return sockets;
    }
}

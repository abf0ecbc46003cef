using System.Globalization;
using System.Net.Sockets;
using Concentrator.Native;
using Concentrator.Telemetry.Log;
using Microsoft.Extensions.Logging;

namespace Concentrator.Ingest.Sockets;

/// <summary>
/// Socket activation (sd_listen_fds(3)): a service manager that binds our sockets passes them as the descriptors from 3 on.
/// <c>LISTEN_FDS</c> says how many, <c>LISTEN_PID</c> for whom, <c>LISTEN_FDNAMES</c> what the socket units call them, or we did where the
/// manager has kept one for us (<see cref="KeptSockets"/>).
/// </summary>
internal static class ListenDescriptors
{
    private const int First = 3;

    /// <summary>More than any service has; a number from outside.</summary>
    private const int Most = 1024;

    /// <summary>The sockets passed to this process; none where the variables are meant for another.</summary>
    public static InheritedSockets Receive(IReadOnlyDictionary<string, string> variables, ILogger log)
    {
        KeptSockets kept = KeptSockets.With(variables);
        if (variables.GetValueOrDefault("LISTEN_PID") != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return new InheritedSockets([], kept);
        string? said = variables.GetValueOrDefault("LISTEN_FDS");
        if (int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count <= Most)
            return new InheritedSockets(Open(First, count, variables.GetValueOrDefault("LISTEN_FDNAMES"), log), kept);
        log.DescriptorUnusable("LISTEN_FDS", $"'{said}' is not a number of descriptors");
        return new InheritedSockets([], kept);
    }

    /// <summary>Takes over <paramref name="count"/> descriptors from <paramref name="first"/> on; what is no socket is said and left out.</summary>
    public static IReadOnlyList<InheritedSocket> Open(int first, int count, string? names, ILogger log)
    {
        string[] parts = names?.Split(':') ?? [];
        List<InheritedSocket> sockets = [];
        for (int i = 0; i < count; i++)
        {
            string name = i < parts.Length ? parts[i] : "";
            try
            {
                // Whatever the server may start must not hold them.
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

using System.Globalization;
using Concentrator.Configuration.Options;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary><c>net.core.rmem_max</c>: the receive buffer limit of UDP without CAP_NET_ADMIN. Unix sockets ignore it.</summary>
internal sealed class ReceiveBufferCheck(ExaminedHost host, IReadOnlyList<ListenerOptions> listeners)
{
    public const string Setting = "net.core.rmem_max";

    public IEnumerable<Diagnosis> Look()
    {
        if (ProcFile.TrySetting(host.Proc, Setting) is not { } most) return [Diagnosis.Warn(Setting, "cannot be read", $"sysctl {Setting}")];
        ListenerOptions[] udp = [.. listeners.Where(static listener => listener.Address.Transport == Transport.Udp)];
        if (udp.Length == 0) return [Diagnosis.Ok(Setting, $"{Bytes(most)}; only UDP listeners use it, and there are none")];
        ListenerOptions[] larger = [.. udp.Where(listener => listener.ReceiveBuffer > most)];
        if (larger.Length == 0) return [Diagnosis.Ok(Setting, $"{Bytes(most)}, enough for every UDP listener")];
        return larger.Select(listener => Diagnosis.Warn(
            Setting, $"{Bytes(most)}: listener {listener.Name} requests {Bytes(listener.ReceiveBuffer)} and gets less unless the server has CAP_NET_ADMIN",
            string.Create(CultureInfo.InvariantCulture, $"sysctl -w {Setting}={listener.ReceiveBuffer} (to make it permanent: concentrator doctor --fix), then: {host.RestartServer}")));
    }

    private static string Bytes(long number) => string.Create(CultureInfo.InvariantCulture, $"{number:#,0} bytes");
}

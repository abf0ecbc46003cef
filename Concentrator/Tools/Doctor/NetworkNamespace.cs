using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// The network namespace of a process. Addresses, loopback and abstract socket names belong to one namespace (network_namespaces(7)).
/// </summary>
internal static class NetworkNamespace
{
    /// <summary>The kernel's name of it, such as <c>net:[4026531840]</c>; null when the process has ended or access is denied.</summary>
    public static string? Of(string proc, int pid) => ProcFile.TryFollow(ProcFile.Of(proc, pid, "ns/net"));

    /// <summary>The namespace of this process.</summary>
    public static string? Own { get; } = ProcFile.TryFollow("/proc/self/ns/net");
}

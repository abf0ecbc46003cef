using Concentrator.Configuration.Options;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Whether systemd will mount something over a listener's socket at HAProxy's next start. A server that recreates its socket detaches such
/// a mount, so the fault only shows when HAProxy restarts (docs/reference/haproxy.md, The mount).
/// </summary>
internal sealed class UnitMountCheck(ExaminedHost host, IReadOnlyList<ListenerOptions> listeners)
{
    private static readonly string[] Keys = ["BindReadOnlyPaths", "BindPaths"];

    public IEnumerable<Diagnosis> Look()
    {
        if (host.UnitFile(UnitNames.Haproxy) is not { } unit) return [];
        string[] mounts = [.. Mounts(unit, except: null)];
        Diagnosis[] wrong = [.. listeners.Where(listener => mounts.Contains(listener.Address.Path)).Select(listener => Diagnosis.Warn(
            UnitNames.Haproxy, $"{unit} mounts another socket over {listener.Address.Path} whenever it starts HAProxy (BindReadOnlyPaths=)", ChrootViewCheck.DropIn))];
        return wrong.Length > 0 ? wrong : [Diagnosis.Ok(UnitNames.Haproxy, "mounts nothing over Concentrator's sockets")];
    }

    /// <summary>Whether systemd mounts something over that path when it starts HAProxy.</summary>
    /// <param name="host">The host whose systemd is checked.</param>
    /// <param name="path">The path of a socket.</param>
    /// <param name="except">A drop-in to ignore; null = none.</param>
    public static bool Mounts(ExaminedHost host, string path, string? except = null) =>
        host.UnitFile(UnitNames.Haproxy) is { } unit && new UnitMountCheck(host, []).Mounts(unit, except).Contains(path);

    /// <summary>The mount points that remain after the unit and its drop-ins. An empty assignment clears earlier ones.</summary>
    private List<string> Mounts(string unit, string? except)
    {
        Dictionary<string, List<string>> mounts = Keys.ToDictionary(static key => key, static _ => new List<string>(), StringComparer.Ordinal);
        foreach (string file in DropIns().Where(file => file != except).Prepend(unit))
        {
            foreach (string line in (ProcFile.TryRead(file) ?? "").Split('\n'))
            {
                string[] parts = line.Split('=', 2, StringSplitOptions.TrimEntries);
                if (parts.Length != 2 || !mounts.TryGetValue(parts[0], out List<string>? points)) continue;
                if (parts[1].Length == 0) points.Clear();

                // SOURCE[:DESTINATION[:OPTIONS]], the source with an optional leading hyphen.
                points.AddRange(parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(static entry => entry.TrimStart('-').Split(':'))
                    .Select(static fields => fields.Length > 1 ? fields[1] : fields[0]));
            }
        }
        return [.. mounts.Values.SelectMany(static points => points)];
    }

    /// <summary>The drop-ins of all directories, sorted by name. Of several with the same name, the first directory's applies.</summary>
    private IEnumerable<string> DropIns() => host.UnitDirectories
        .Select(static directory => Path.Combine(directory, $"{UnitNames.Haproxy}.d"))
        .Where(Directory.Exists)
        .SelectMany(static directory => Directory.EnumerateFiles(directory, "*.conf"))
        .DistinctBy(Path.GetFileName)
        .OrderBy(Path.GetFileName, StringComparer.Ordinal);
}

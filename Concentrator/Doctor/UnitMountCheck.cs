using Concentrator.Configuration;

namespace Concentrator.Doctor;

/// <summary>
/// Whether systemd will mount something over a listener's socket when it next starts HAProxy. A server that puts its socket in
/// place detaches such a mount, so all looks well until HAProxy is restarted (docs/reference/haproxy.md, The mount).
/// </summary>
internal sealed class UnitMountCheck(IReadOnlyList<string> unitDirectories, IReadOnlyList<ListenerOptions> listeners)
{
    public const string Unit = "haproxy.service";

    private static readonly string[] Keys = ["BindReadOnlyPaths", "BindPaths"];

    public IEnumerable<Diagnosis> Look()
    {
        if (UnitOf(unitDirectories) is not { } unit) return [];
        string[] mounts = [.. Mounts(unit, except: null)];
        Diagnosis[] wrong = [.. listeners.Where(listener => mounts.Contains(listener.Address.Path)).Select(listener => Diagnosis.Warn(
            Unit, $"{unit} mounts another socket over {listener.Address.Path} whenever it starts HAProxy (BindReadOnlyPaths=)", ChrootViewCheck.DropIn))];
        return wrong.Length > 0 ? wrong : [Diagnosis.Ok(Unit, "mounts nothing over our sockets")];
    }

    /// <summary>Whether systemd mounts something over that path when it starts HAProxy.</summary>
    /// <param name="unitDirectories">Of systemd, the first wins.</param>
    /// <param name="path">Of a socket.</param>
    /// <param name="except">A drop-in that is thought away; null = none.</param>
    public static bool Mounts(IReadOnlyList<string> unitDirectories, string path, string? except = null) =>
        UnitOf(unitDirectories) is { } unit && new UnitMountCheck(unitDirectories, []).Mounts(unit, except).Contains(path);

    private static string? UnitOf(IReadOnlyList<string> unitDirectories) =>
        unitDirectories.Select(static directory => Path.Combine(directory, Unit)).FirstOrDefault(File.Exists);

    /// <summary>The mount points that the unit and its drop-ins leave in the end: an empty assignment takes back what was before.</summary>
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

                // SOURCE[:DESTINATION[:OPTIONS]], the first with an optional hyphen.
                points.AddRange(parts[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)
                    .Select(static entry => entry.TrimStart('-').Split(':'))
                    .Select(static fields => fields.Length > 1 ? fields[1] : fields[0]));
            }
        }
        return [.. mounts.Values.SelectMany(static points => points)];
    }

    /// <summary>Of all directories, in the order of their names; of several with one name, the first directory's.</summary>
    private IEnumerable<string> DropIns() => unitDirectories
        .Select(static directory => Path.Combine(directory, $"{Unit}.d"))
        .Where(Directory.Exists)
        .SelectMany(static directory => Directory.EnumerateFiles(directory, "*.conf"))
        .DistinctBy(Path.GetFileName)
        .OrderBy(Path.GetFileName, StringComparer.Ordinal);
}

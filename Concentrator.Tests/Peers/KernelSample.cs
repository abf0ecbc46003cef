using System.Globalization;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The shipped kernel settings in force, and the machine's own put back after the test.</summary>
internal sealed class KernelSample : IDisposable
{
    private readonly List<SysctlGuard> _guards = [];

    /// <summary>Ignores the test where a setting may not be changed.</summary>
    public KernelSample()
    {
        foreach ((string name, long value) in Settings())
        {
            SysctlGuard guard = new(name);
            _guards.Add(guard);
            if (guard.TrySet(value)) continue;
            Dispose();
            Assert.Ignore($"needs root: sysctl -w {name}={value}");
        }
    }

    public static IEnumerable<(string Name, long Value)> Settings()
    {
        foreach (string line in Repository.ReadSample("sysctl.d/60-concentrator.conf").Split('\n'))
        {
            if (line.StartsWith('#') || line.Length == 0) continue;
            string[] parts = line.Split('=', StringSplitOptions.TrimEntries);
            yield return (parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture));
        }
    }

    public void Dispose() => _guards.ForEach(static guard => guard.Dispose());
}

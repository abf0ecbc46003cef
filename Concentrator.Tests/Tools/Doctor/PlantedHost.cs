using System.Globalization;
using Concentrator.Native;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Doctor;

namespace Concentrator.Tests.Tools.Doctor;

/// <summary>
/// A host of the test's own: its /proc holds the processes and settings that are put there, and its units and sysctl.d lie in
/// a temporary directory. Nothing of the machine's own is looked at, and nothing of it changed.
/// </summary>
internal sealed class PlantedHost : IDisposable
{
    public PlantedHost()
    {
        Directory.CreateDirectory(Temp["proc"]);
        Directory.CreateDirectory(Temp["units"]);
        Directory.CreateDirectory(Temp["sysctl.d"]);
        Directory.CreateSymbolicLink(Temp["proc/net"], "/proc/net");
        Set("net.unix.max_dgram_qlen", 16384);
        Set("net.core.wmem_default", 8388608);
        Set("net.core.wmem_max", 8388608);
        Set("net.core.rmem_max", 16777216);
        Host = new ExaminedHost
        {
            Proc = Temp["proc"],
            IsRoot = true,
            HaproxyConfig = Temp["haproxy.cfg"],
            HaproxyProgram = Temp["haproxy"],
            UnitDirectories = [Temp["units"], Temp["lib-units"]],
            SysctlFile = Temp["sysctl.d/60-concentrator.conf"],
            Systemctl = Temp["systemctl"],
            Journalctl = Temp["journalctl"],
            Addresses = [System.Net.IPAddress.Parse("192.0.2.77")],
            Clock = new ClockState(IsSynchronized: true, TimeSpan.FromMilliseconds(1)),
        };
    }

    public TempDirectory Temp { get; } = new();

    public ExaminedHost Host { get; set; }

    public string Proc => Temp["proc"];

    /// <summary>Plants a kernel setting.</summary>
    public void Set(string name, long value) =>
        Temp.Write($"proc/sys/{name.Replace('.', '/')}", value.ToString(CultureInfo.InvariantCulture) + "\n");

    /// <summary>Plants a program that says this, whatever it is asked.</summary>
    /// <returns>Its path.</returns>
    public string Plant(string name, string says) => Temp.WriteProgram(name, $"#!/bin/sh\ncat <<'END'\n{says}\nEND\n");

    /// <summary>Lets a real process be seen.</summary>
    public void Show(int pid)
    {
        string name = pid.ToString(CultureInfo.InvariantCulture);
        Directory.CreateSymbolicLink(Temp[$"proc/{name}"], $"/proc/{name}");
    }

    /// <summary>Takes a process away again.</summary>
    public void Hide(int pid) => File.Delete(Temp[$"proc/{pid.ToString(CultureInfo.InvariantCulture)}"]);

    public void Dispose() => Temp.Dispose();
}

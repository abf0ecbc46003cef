using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>Recognizes the processes of this program, run directly or by <c>dotnet</c>.</summary>
internal static class ServerProcesses
{
    private const string Name = "concentrator";

    public static bool IsServer(string proc, int pid) =>
        ProcFile.CommandLine(proc, pid).Take(2).Any(static word => Path.GetFileNameWithoutExtension(word) == Name);
}

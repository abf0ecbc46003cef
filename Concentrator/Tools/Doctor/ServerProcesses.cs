namespace Concentrator.Tools.Doctor;

/// <summary>Which processes are this program, run by itself or by <c>dotnet</c>.</summary>
internal static class ServerProcesses
{
    private const string Name = "concentrator";

    public static bool IsServer(string proc, int pid) =>
        ProcFile.CommandLine(proc, pid).Take(2).Any(static word => Path.GetFileNameWithoutExtension(word) == Name);
}

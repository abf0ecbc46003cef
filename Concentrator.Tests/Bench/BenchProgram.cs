namespace Concentrator.Tests.BenchTool;

/// <summary>The bench as its command line is called, in this process.</summary>
internal static class BenchProgram
{
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(string[] arguments, CancellationToken stop = default)
    {
        using StringWriter output = new();
        using StringWriter errors = new();
        int exitCode = await Concentrator.Bench.Program.InvokeAsync(arguments, TextWriter.Synchronized(output), errors, stop);
        return (exitCode, output.ToString(), errors.ToString());
    }
}

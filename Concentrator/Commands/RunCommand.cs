namespace Concentrator.Commands;

/// <summary><c>concentrator run</c>: the server in the foreground.</summary>
internal static class RunCommand
{
    public static async Task<int> ExecuteAsync(RunArguments arguments, CancellationToken stop)
    {
        _ = arguments;
        await Console.Error.WriteLineAsync("concentrator: run is not built yet".AsMemory(), stop).ConfigureAwait(false);
        return ExitCodes.Unusable;
    }
}

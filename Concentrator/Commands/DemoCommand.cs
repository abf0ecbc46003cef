namespace Concentrator.Commands;

/// <summary><c>concentrator demo</c>: the whole job on embedded defaults.</summary>
internal static class DemoCommand
{
    public static async Task<int> ExecuteAsync(CancellationToken stop)
    {
        await Console.Error.WriteLineAsync("concentrator: demo is not built yet".AsMemory(), stop).ConfigureAwait(false);
        return ExitCodes.Unusable;
    }
}

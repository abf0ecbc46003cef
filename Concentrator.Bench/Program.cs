using System.CommandLine;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Running;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Capacity;
using Concentrator.Bench.Compare;
using Concentrator.Bench.Footprint;
using Concentrator.Bench.Load;
using Concentrator.Bench.Micro;
using Concentrator.Bench.Sink;
using Concentrator.Tools.Commands;

namespace Concentrator.Bench;

/// <summary>The command line: <c>dotnet run -c Release --project Concentrator.Bench -- COMMAND</c>.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        // BenchmarkDotNet has its own command line.
        if (args is ["micro", .. string[] rest])
        {
            string[] filter = rest.Length == 0 ? ["--filter", "*"] : rest;
            BenchmarkSwitcher.FromAssembly(typeof(MicroConfig).Assembly).Run(filter, new MicroConfig());
            return ExitCodes.Success;
        }
        using CancellationTokenSource stop = new();
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, StopOnce);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, StopOnce);
        return await InvokeAsync(args, Console.Out, Console.Error, stop.Token).ConfigureAwait(false);

        void StopOnce(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
    }

    /// <summary>
    /// Parses and runs a command. Exit codes: 0 = done, 1 = done with a fault in the result, 2 = not possible, with one line that says why.
    /// </summary>
    public static async Task<int> InvokeAsync(string[] args, TextWriter output, TextWriter error, CancellationToken stop)
    {
        RootCommand root = new("Measures what this machine can sustain, and compares.")
        {
            LoadCommand.Create(output),
            SinkCommand.Create(output),
            CompareCommand.Create(output),
            CapacityCommand.Create(output),
            FootprintCommand.Create(output),
            BareReader.Create(output),
            new Command("micro", "Micro-benchmarks of the message path, with BenchmarkDotNet's arguments (--filter *Parser*)."),
        };
        root.Directives.Clear();
        ParseResult result = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (result.UnmatchedTokens.Count > 0) return Refuse($"unknown command or option {result.UnmatchedTokens[0]}; see --help");
        if (result.Errors.Count > 0) return Refuse(result.Errors[0].Message);
        try
        {
            InvocationConfiguration configuration = new()
            {
                Output = output,
                Error = error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            };
            return await result.InvokeAsync(configuration, stop).ConfigureAwait(false);
        }
        catch (UnusableException e)
        {
            return Refuse(e.Message);
        }

        int Refuse(string problem)
        {
            error.WriteLine($"Concentrator.Bench: {problem}");
            return ExitCodes.Unusable;
        }
    }
}

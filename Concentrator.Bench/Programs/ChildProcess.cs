using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using Concentrator.Bench.Arguments;

namespace Concentrator.Bench.Programs;

/// <summary>A program that the bench has started. Keeps its last output lines. It ends on Dispose, and when the bench ends.</summary>
internal sealed partial class ChildProcess : IDisposable
{
    private const int Terminated = 15;
    private const int KeptLines = 40;

    private static readonly ConcurrentDictionary<ChildProcess, bool> Running = new();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly BenchDirectory? _runtime;

    static ChildProcess() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (ChildProcess left in Running.Keys) left.Dispose();
    };

    /// <param name="program">A path, or a name to find in PATH.</param>
    /// <param name="directory">The working directory.</param>
    /// <param name="runtime">Passed as <c>RUNTIME_DIRECTORY</c>, as systemd does, and owned by this object; null for none.</param>
    /// <exception cref="UnusableException">The program cannot be started.</exception>
    public ChildProcess(string program, IReadOnlyList<string> arguments, string directory, BenchDirectory? runtime = null)
    {
        _runtime = runtime;
        Name = Path.GetFileName(program);
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };

        // Variables that the operator's shell or service manager set for a server must not reach this one.
        foreach (string name in start.Environment.Keys.Where(IsForAServer).ToArray()) start.Environment.Remove(name);
        if (runtime is not null) start.Environment["RUNTIME_DIRECTORY"] = runtime.Path;
        try
        {
            _process = Process.Start(start)!;
        }
        catch (Exception e) when (e is System.ComponentModel.Win32Exception or IOException)
        {
            runtime?.Dispose();
            throw new UnusableException($"cannot start {program}: {e.Message}");
        }
        _process.StandardInput.Close();
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        Running.TryAdd(this, true);
    }

    public string Name { get; }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>The last lines of output.</summary>
    public IReadOnlyList<string> LastLines => [.. _lines];

    /// <summary>Its exit code and last output in one line, for an error message.</summary>
    public string Describe()
    {
        string words = LastLines.LastOrDefault(static line => line.Length > 0) ?? "no output";
        return HasExited ? $"{Name} ended with {_process.ExitCode}: {words}" : $"{Name}: {words}";
    }

    /// <summary>Runs a program to its end. Returns its exit code and its standard output.</summary>
    public static (int ExitCode, IReadOnlyList<string> Lines) Run(string program, IReadOnlyList<string> arguments, TimeSpan within)
    {
        using ChildProcess child = new(program, arguments, "/");
        if (!child._process.WaitForExit(within)) throw new UnusableException($"{program} does not end");
        child._process.WaitForExit();
        return (child._process.ExitCode, child.LastLines);
    }

    /// <summary>Waits in a constructor until the program is ready. If it ends or is late, disposes the half-built owner.</summary>
    /// <param name="failure">The message, which the program's own output follows.</param>
    /// <exception cref="UnusableException">The program does not start.</exception>
    public void WaitUntilReadyOrDispose(Func<bool> isReady, TimeSpan limit, string failure, IDisposable owner)
    {
        long began = Stopwatch.GetTimestamp();
        while (!isReady())
        {
            if (!HasExited && Stopwatch.GetElapsedTime(began) < limit)
            {
                Thread.Sleep(20);
                continue;
            }
            string why = Describe();
            owner.Dispose();
            throw new UnusableException($"{failure}: {why}");
        }
    }

    /// <summary>Waits for it to end by itself; true if it did so in time with exit code 0.</summary>
    public bool WaitForExit(TimeSpan within) => _process.WaitForExit(within) && _process.ExitCode == 0;

    /// <summary>Asks it to end, and waits; false if it had to be killed.</summary>
    public bool Terminate(TimeSpan grace)
    {
        if (!HasExited) _ = SendSignal(Pid, Terminated);
        bool ended = _process.WaitForExit(grace);
        if (!ended) Kill();
        _process.WaitForExit();
        return ended;
    }

    public void Dispose()
    {
        if (!Running.TryRemove(this, out _)) return;
        Kill();
        _process.WaitForExit();
        _process.Dispose();
        _runtime?.Dispose();
    }

    private static bool IsForAServer(string name) =>
        name.StartsWith("CONCENTRATOR_", StringComparison.OrdinalIgnoreCase)
        || name is "NOTIFY_SOCKET" or "WATCHDOG_USEC" or "WATCHDOG_PID" or "RUNTIME_DIRECTORY";

    private void Keep(string? line)
    {
        if (line is null) return;
        _lines.Enqueue(line);
        while (_lines.Count > KeptLines) _lines.TryDequeue(out _);
    }

    private void Kill()
    {
        try
        {
            if (!_process.HasExited) _process.Kill();
        }
        catch (InvalidOperationException)
        {
            // Expected: it has ended meanwhile.
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}

using System.Collections.Concurrent;
using System.Diagnostics;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>How a real program is started.</summary>
internal sealed record PeerStart
{
    public required string Path { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public string WorkingDirectory { get; init; } = "/";

    /// <summary>Added to our own; null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Bytes of stdout, and of stderr, that are kept.</summary>
    public int OutputLimit { get; init; } = 1 << 20;

    /// <summary>Leaves stdin open for <see cref="PeerProcess.Input"/>; otherwise the program reads end of file at once.</summary>
    public bool KeepInput { get; init; }
}

/// <summary>
/// A real program that a test started: its output is captured, its failures speak in assertions, and disposing ends exactly
/// that process and those it started.
/// </summary>
internal sealed class PeerProcess : IDisposable
{
    private static readonly ConcurrentDictionary<PeerProcess, bool> Running = new();

    /// <summary>From SIGTERM to SIGKILL, when disposing.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>For what a program wrote last to reach us. It ends at once unless a child that was left behind holds the pipes.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(5);

    private readonly Process _process;
    private readonly string _name;

    // A test run that is interrupted leaves nothing behind either.
    static PeerProcess() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (PeerProcess left in Running.Keys) left.KillAll();
    };

    private PeerProcess(Process process, PeerStart start)
    {
        _process = process;
        _name = System.IO.Path.GetFileName(start.Path);
        Pid = process.Id;
        Output = new OutputCapture(process.StandardOutput.BaseStream, start.OutputLimit);
        Errors = new OutputCapture(process.StandardError.BaseStream, start.OutputLimit);
        Running.TryAdd(this, true);
    }

    public int Pid { get; }

    public OutputCapture Output { get; }

    public OutputCapture Errors { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>The program's stdin, when <see cref="PeerStart.KeepInput"/>; closing it is the end of file.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    public static PeerProcess Start(PeerStart start)
    {
        ProcessStartInfo info = new(start.Path, start.Arguments)
        {
            WorkingDirectory = start.WorkingDirectory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach ((string name, string? value) in start.Environment)
        {
            if (value is null) info.Environment.Remove(name);
            else info.Environment[name] = value;
        }
        Process process = Process.Start(info) ?? throw new InvalidOperationException($"{start.Path} did not start");
        if (!start.KeepInput) process.StandardInput.Close();
        return new PeerProcess(process, start);
    }

    /// <summary>Runs a program to its end and returns its exit code with what it wrote.</summary>
    public static (int ExitCode, string Output, string Errors) Run(PeerStart start, ReadOnlyMemory<byte> input = default, TimeSpan? within = null)
    {
        using PeerProcess peer = Start(start with { KeepInput = !input.IsEmpty });
        if (!input.IsEmpty)
        {
            try
            {
                peer.Input.Write(input.Span);
                peer.Input.Close();
            }
            catch (IOException)
            {
                // It ended without reading all of it; its exit code and its words say why.
            }
        }
        int exitCode = peer.WaitForExit(within);
        return (exitCode, peer.Output.Text(), peer.Errors.Text());
    }

    /// <summary>Waits until the program is ready; fails at once, with its output, when it ends instead.</summary>
    public void WaitUntilReady(Func<bool> ready, string what, TimeSpan? within = null)
    {
        bool over = false;
        Eventually.Holds(() => ready() || (over = HasExited), $"{_name} is ready: {what}", within ?? Deadline.Process, Describe);
        if (over && !ready()) Assert.Fail($"{_name} ended before it was ready: {what}\n{Describe()}");
    }

    /// <summary>The same, for the end of a constructor: on failure its half-built owner is disposed.</summary>
    public void WaitUntilReadyOrDispose(Func<bool> ready, string what, IDisposable owner)
    {
        try
        {
            WaitUntilReady(ready, what);
        }
        catch
        {
            owner.Dispose();
            throw;
        }
    }

    /// <summary>Does nothing when the program has ended already.</summary>
    public void Send(Signal signal)
    {
        if (!HasExited) Signals.Send(Pid, signal);
    }

    /// <summary>The exit code; 128 + N after a signal N that it did not handle. All that it wrote is there then.</summary>
    public int WaitForExit(TimeSpan? within = null)
    {
        if (!_process.WaitForExit(within ?? Deadline.Process)) Assert.Fail($"{_name} does not end\n{Describe()}");
        Output.WaitForEnd(LastWords);
        Errors.WaitForEnd(LastWords);
        return _process.ExitCode;
    }

    /// <summary>SIGTERM, then the exit code.</summary>
    public int Terminate(TimeSpan? within = null)
    {
        Send(Signal.Term);
        return WaitForExit(within);
    }

    /// <summary>What an assertion shows about this program.</summary>
    public string Describe()
    {
        string state = HasExited ? $"ended with {_process.ExitCode}" : "running";
        return $"--- {_name}, pid {Pid}, {state}\n--- stdout\n{Tail(Output)}\n--- stderr\n{Tail(Errors)}\n---";
    }

    public void Dispose()
    {
        if (!Running.TryRemove(this, out _)) return;
        IReadOnlyList<ProcessTree.Member> children = ProcessTree.Descendants(Pid);
        Send(Signal.Term);
        Send(Signal.Cont);
        if (!_process.WaitForExit(Grace))
        {
            children = [.. children, .. ProcessTree.Descendants(Pid)];
            Send(Signal.Kill);
            _process.WaitForExit(TimeSpan.FromSeconds(5));
        }
        foreach (ProcessTree.Member child in children) ProcessTree.End(child);
        Output.WaitForEnd(TimeSpan.FromSeconds(1));
        Errors.WaitForEnd(TimeSpan.FromSeconds(1));
        _process.Dispose();
    }

    private void KillAll()
    {
        IReadOnlyList<ProcessTree.Member> children = ProcessTree.Descendants(Pid);
        Send(Signal.Kill);
        foreach (ProcessTree.Member child in children) ProcessTree.End(child);
    }

    private static string Tail(OutputCapture capture)
    {
        string text = capture.Text().TrimEnd();
        return text.Length <= 4000 ? text : string.Concat("...", text.AsSpan(text.Length - 4000));
    }
}

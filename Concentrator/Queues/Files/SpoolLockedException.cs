namespace Concentrator.Queues.Files;

/// <summary>Another process, or another part of this one, uses the directory. The message is one line for the operator.</summary>
internal sealed class SpoolLockedException(string path, int pid)
    : IOException($"{path} is in use by {(pid == 0 ? "another process" : $"process {pid}")}; only one process may use it")
{
    /// <summary>Process id of the holder; 0 = unknown.</summary>
    public int Pid { get; } = pid;
}

namespace Concentrator.Queues.Blocks;

/// <summary>
/// The system gives this process no more memory: a limit of the process, of the machine, or on the number of mappings. Distinct from
/// disk errors, so that a block that could not be read for lack of memory is not treated as damaged.
/// </summary>
internal sealed class MemoryRefusedException(string reason) : Exception(reason);

namespace Concentrator.Queues.Blocks;

/// <summary>
/// The system gives this process no more memory: its limit, the machine's, or the number of mappings. Not an error of the disk, for
/// which a block was to be read: it must not be taken for damage.
/// </summary>
internal sealed class MemoryRefusedException(string reason) : Exception(reason);

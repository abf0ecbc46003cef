namespace Concentrator.Bench;

/// <summary>A command cannot be carried out as given: a missing peer, a file that is not there. One line, exit 2.</summary>
internal sealed class UnusableException(string problem) : Exception(problem);

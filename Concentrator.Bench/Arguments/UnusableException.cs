namespace Concentrator.Bench.Arguments;

/// <summary>A command cannot run as given, for example because a peer or a file is missing. One line of text, exit code 2.</summary>
internal sealed class UnusableException(string problem) : Exception(problem);

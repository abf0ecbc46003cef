namespace Concentrator.Tools.Import;

/// <summary>An output, and the intake key in the action's template.</summary>
internal sealed record ActionTarget(string Output, string? IntakeKey);

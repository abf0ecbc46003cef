namespace Concentrator.Tools.Import;

/// <summary>The result of an import.</summary>
internal sealed record ImportResult
{
    public required IReadOnlyList<ImportedInput> Inputs { get; init; }

    public required IReadOnlyList<ImportedOutput> Outputs { get; init; }

    public required IReadOnlyList<ImportedRoute> Routes { get; init; }

    /// <summary>One line per statement, in the order of the files.</summary>
    public required IReadOnlyList<ImportLine> Lines { get; init; }

    /// <summary>Things done that no statement asked for.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    public bool HasUnsupported => Lines.Any(static line => line.Outcome == ImportOutcome.NotSupported);
}

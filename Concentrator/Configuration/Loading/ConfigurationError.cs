namespace Concentrator.Configuration.Loading;

/// <summary>One error in the configuration. Its text is one line and shows no secret.</summary>
/// <param name="Origin">Where the value came from: <c>FILE:LINE</c>, an environment variable or an argument; null if none of them.</param>
/// <param name="Path">The key path, parts joined by colons; null if the whole file is wrong.</param>
/// <param name="Problem">What is wrong and what would be right.</param>
internal sealed record ConfigurationError(string? Origin, string? Path, string Problem)
{
    public override string ToString() => string.Join(": ", new[] { Origin, Path, Problem }.Where(part => part is not null));
}

namespace Concentrator.Configuration.Options;

/// <summary>A file that a configuration names and the server has to read: a key, a certificate or a CA bundle.</summary>
/// <param name="Origin">Where it is named: <c>FILE:LINE</c>, an environment variable or an argument; null if none of them.</param>
/// <param name="Path">The key path, parts joined by colons.</param>
/// <param name="File">Its full path.</param>
internal sealed record NamedFile(string? Origin, string Path, string File);

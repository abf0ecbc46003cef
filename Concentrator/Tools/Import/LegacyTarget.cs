namespace Concentrator.Tools.Import;

/// <summary>The file or peer of a legacy action, and the template behind its semicolon; null = none.</summary>
internal readonly record struct LegacyTarget(string Name, string? Template)
{
    public static LegacyTarget Of(string text)
    {
        int semicolon = text.IndexOf(';', StringComparison.Ordinal);
        return semicolon < 0
            ? new LegacyTarget(text.Trim(), null)
            : new LegacyTarget(text[..semicolon].Trim(), text[(semicolon + 1)..].Trim() is { Length: > 0 } template ? template : null);
    }
}

namespace Concentrator.Configuration.Loading;

/// <summary>Reads the name of a stream, or of a consumer: neither may hold what separates or stands for the words of a subject.</summary>
internal static class NatsStreamName
{
    public const string Key = "Stream";

    private const int Longest = 255;

    /// <summary>Null if it is missing or wrong; that was reported.</summary>
    /// <param name="section">The output or listener.</param>
    /// <param name="what">What it names, for the error.</param>
    /// <param name="key">The key.</param>
    public static string? Read(SectionReader section, string what, string key = Key)
    {
        if (section.Required(key, $"write the name of {what}, for example \"LOGS\"") is not { } name) return null;
        if (name.Length <= Longest && name.All(static c => c is > ' ' and <= '~' and not ('.' or '*' or '>' or '/' or '\\'))) return name;
        section.Error(key, $"{Values.Problem.Quote(name)} is not a name for NATS; write up to {Longest} letters, digits, hyphens and underscores, for example \"LOGS\"");
        return null;
    }
}

namespace Concentrator.Tools.Import;

/// <summary>Notes on the translation of a statement.</summary>
internal class ImportNotes
{
    /// <summary>What the operator should know.</summary>
    public List<string> Said { get; } = [];

    /// <summary>Parts of the statement without a counterpart.</summary>
    public List<string> Lost { get; } = [];

    /// <summary>Adds all parameters not asked for to <see cref="Lost"/>.</summary>
    public void LoseRest(RsyslogParameters given)
    {
        if (given.Unknown is string unknown) Lost.Add(unknown);
    }

    /// <summary>Drops rate limits and notes that in <see cref="Said"/>.</summary>
    public void DropRateLimits(RsyslogParameters given)
    {
        string[] limits = given.Take("rateLimit.");
        if (limits.Length > 0) Said.Add($"{string.Join(", ", limits)}: dropped, there is no rate limit");
    }
}

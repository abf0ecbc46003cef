namespace Concentrator.Tools.Import;

/// <summary>What there is to say of a statement beside what it becomes.</summary>
internal class ImportNotes
{
    /// <summary>What there is to know.</summary>
    public List<string> Said { get; } = [];

    /// <summary>What of it has no counterpart.</summary>
    public List<string> Lost { get; } = [];

    /// <summary>The parameters that nobody has asked for are lost.</summary>
    public void LoseRest(RsyslogParameters given)
    {
        if (given.Unknown is string unknown) Lost.Add(unknown);
    }

    /// <summary>Rate limits are said and dropped.</summary>
    public void DropRateLimits(RsyslogParameters given)
    {
        string[] limits = given.Take("rateLimit.");
        if (limits.Length > 0) Said.Add($"{string.Join(", ", limits)}: dropped, no message is lost for coming fast");
    }
}

namespace Concentrator.Tools.Import;

/// <summary>The filters that could not be translated in some place, and why. A filter is met once for each path that leads to it.</summary>
internal sealed class LeftOutFilters(ImportReport report)
{
    private readonly Dictionary<RsyslogFilter, string> _problems = [];

    public void Add(RsyslogFilter filter, string problem)
    {
        _problems[filter] = problem;
        report.Revise(filter, $"{problem}; the statements under it were omitted");
        report.NotSupportedInside(filter, ImportReport.UnderUnsupported);
    }

    /// <summary>
    /// Must be called after everything is compiled. Corrects the report: a statement left out in one place may be used in another,
    /// and a translated action whose condition was left out is in no route.
    /// </summary>
    public void Settle(IEnumerable<ImportedRoute> routes)
    {
        HashSet<RsyslogStatement> taken = new(routes.SelectMany(static route => route.Actions), ReferenceEqualityComparer.Instance);
        foreach ((RsyslogFilter filter, string problem) in _problems)
        {
            List<RsyslogStatement> inside = [.. ImportReport.Walk(filter.Inner)];
            if (inside.Exists(taken.Contains))
            {
                report.Revise(filter, $"{problem}; the statements under it were translated for some of the messages and omitted for the others");
                continue;
            }
            foreach (RsyslogStatement statement in inside.Where(report.IsTranslated)) report.Revise(statement, ImportReport.UnderUnsupported);
        }
    }
}

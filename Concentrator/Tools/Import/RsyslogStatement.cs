using System.Globalization;

namespace Concentrator.Tools.Import;

/// <summary>
/// One statement of an rsyslog configuration, with its lines. Compared by reference: a file that is included
/// twice has its statements twice.
/// </summary>
internal abstract class RsyslogStatement(StatementPlace place)
{
    /// <summary>The file's name as given, or as an include found it.</summary>
    public string File => place.File;

    /// <summary>The first line, from 1.</summary>
    public int Line => place.Line;

    /// <summary><c>FILE:LINE</c>.</summary>
    public string Origin => string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}");

    /// <summary>The last line before the statement's block if it has one, else its last line.</summary>
    public int EndLine => place.EndLine;

    /// <summary>The statement without its block, on one line. It may hold a key; only the report may show it.</summary>
    public string Text => place.Text;

    /// <summary>Statements inside, in the order of the file.</summary>
    public virtual IEnumerable<RsyslogStatement> Inner => [];
}

/// <summary>Text that is not a statement; the text inside it is parsed as far as possible.</summary>
internal sealed class RsyslogBroken(StatementPlace place) : RsyslogStatement(place)
{
    public required string Problem { get; init; }

    public IReadOnlyList<RsyslogStatement> Body { get; init; } = [];

    public override IEnumerable<RsyslogStatement> Inner => Body;
}

/// <summary>A legacy line such as <c>$UDPServerRun 514</c>.</summary>
internal sealed class RsyslogDirective(StatementPlace place) : RsyslogStatement(place)
{
    /// <summary>Without the dollar; letter case is ignored.</summary>
    public required string Name { get; init; }

    public required string Value { get; init; }
}

/// <summary>An object such as <c>input(type="imudp" port="514")</c>, with the block of a <c>ruleset</c>.</summary>
internal sealed class RsyslogObject(StatementPlace place) : RsyslogStatement(place)
{
    /// <summary>The word before the parenthesis, in lower case.</summary>
    public required string Kind { get; init; }

    public required RsyslogParameters Parameters { get; init; }

    /// <summary>The statements of a ruleset.</summary>
    public IReadOnlyList<RsyslogStatement> Body { get; init; } = [];

    /// <summary>The <c>constant</c> and <c>property</c> objects of a template of type list.</summary>
    public IReadOnlyList<(string Kind, RsyslogParameters Parameters)> Parts { get; init; } = [];

    public override IEnumerable<RsyslogStatement> Inner => Body;
}

/// <summary>A selector, a property filter or an <c>if</c>, with the statements under it.</summary>
internal sealed class RsyslogFilter(StatementPlace place) : RsyslogStatement(place)
{
    public required FilterExpression Condition { get; init; }

    public required IReadOnlyList<RsyslogStatement> Then { get; init; }

    public IReadOnlyList<RsyslogStatement> Else { get; init; } = [];

    public override IEnumerable<RsyslogStatement> Inner => Then.Concat(Else);
}

/// <summary>A legacy action: a file, <c>@@host</c>, <c>:omusrmsg:*</c> and so on, to the end of its line.</summary>
internal sealed class RsyslogLegacyAction(StatementPlace place) : RsyslogStatement(place);

/// <summary><c>stop</c>, or the older <c>~</c>.</summary>
internal sealed class RsyslogStop(StatementPlace place) : RsyslogStatement(place);

/// <summary><c>call RULESET</c>.</summary>
internal sealed class RsyslogCall(StatementPlace place) : RsyslogStatement(place)
{
    public required string Ruleset { get; init; }
}

/// <summary><c>$IncludeConfig</c> or <c>include(…)</c>, with the statements read from its files.</summary>
internal sealed class RsyslogInclude(StatementPlace place) : RsyslogStatement(place)
{
    /// <summary>How many files were read.</summary>
    public required int Files { get; init; }

    /// <summary>Null on success.</summary>
    public string? Problem { get; init; }

    public required IReadOnlyList<RsyslogStatement> Body { get; init; }

    public override IEnumerable<RsyslogStatement> Inner => Body;
}

namespace Concentrator.Tools.Import;

/// <summary>Where a statement stands, and its text; the properties of <see cref="RsyslogStatement"/> say what each is.</summary>
internal readonly record struct StatementPlace(string File, int Line, int EndLine, string Text);

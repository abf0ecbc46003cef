using System.Text;
using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Import;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Import;

/// <summary>The import of a text, and what our own loader makes of it.</summary>
internal sealed class Imported
{
    private const string File = "test.conf";

    /// <param name="text">RainerScript and legacy lines.</param>
    public Imported(string text) : this(RsyslogReader.Read(new IncludedFiles(), File, text))
    {
    }

    private Imported(IReadOnlyList<RsyslogStatement> statements)
    {
        Result = RsyslogImport.Of(statements);
        Json = Encoding.UTF8.GetString(ImportedJson.Write(Result, [File]));
    }

    public ImportResult Result { get; }

    public string Json { get; }

    /// <summary>The whole report, a line an entry.</summary>
    public string Report => string.Join('\n', Result.Lines.Select(static line => line.ToString()));

    public static Imported Yaml(string text) => new(RsyslogYamlReader.Read(new IncludedFiles(), File, text));

    /// <summary>Ready-made listeners for tests of rules.</summary>
    public static Imported Rules(string text) => new("input(type=\"imuxsock\" socket=\"/run/a\" name=\"a\")\ninput(type=\"imudp\" port=\"514\" name=\"b\")\n" + text);

    /// <summary>The outcome on the entry that begins on that line.</summary>
    public ImportOutcome OutcomeOf(int line) => EntryOn(line).Outcome;

    public ImportLine EntryOn(int line) =>
        Result.Lines.Single(entry => entry.Place == $"{File}:{line}" || entry.Place.StartsWith($"{File}:{line}-", StringComparison.Ordinal));

    /// <summary>The options that our loader reads from the result, which must be without errors.</summary>
    public ServerOptions Load()
    {
        using ConfigurationFolder folder = new();
        ConfigurationResult loaded = folder.Load(Json);
        Assert.That(loaded.Errors, Is.Empty, Json);
        return loaded.Options!;
    }

    /// <summary>The routes in short: conditions, outputs, and an exclamation mark where they stop.</summary>
    public string[] Routes() => [.. Load().Routes.Select(Show)];

    private static string Show(RouteOptions route)
    {
        List<string> parts = [];
        if (route.From is { Count: 1 }) parts.Add($"from={route.From[0]}");
        if (route.Program is not null) parts.Add($"program={route.Program}");
        if (route.ProgramName is not null) parts.Add($"programname={route.ProgramName}");
        if (route.Host is not null) parts.Add($"host={route.Host}");
        if (route.Sender is not null) parts.Add($"sender={route.Sender}");
        if (route.Severities != byte.MaxValue) parts.Add($"severities={route.Severities:b8}");
        if (route.Facilities != RouteCondition.AllFacilities) parts.Add($"facilities={route.Facilities:x}");
        if (route.Contains is not null) parts.Add($"contains={string.Join(',', route.Contains)}");
        if (route.ContainsAll is not null) parts.Add($"all={string.Join(',', route.ContainsAll)}");
        return $"{string.Join(' ', parts)} -> {string.Join(',', route.To)}{(route.Stop ? "!" : "")}".Trim();
    }
}

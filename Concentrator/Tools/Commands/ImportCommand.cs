using System.CommandLine;
using System.Globalization;
using Concentrator.Configuration;
using Concentrator.Configuration.Loading;
using Concentrator.Tools.Import;

namespace Concentrator.Tools.Commands;

/// <summary><c>concentrator import</c>: converts an rsyslog configuration to ours and reports the outcome of each statement.</summary>
internal sealed class ImportCommand
{
    private const int Unsupported = 1;

    private readonly string? _outputFile;
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly Func<Stream> _openOutput;

    /// <param name="outputFile">File for the configuration; null = standard output.</param>
    /// <param name="output">Receives the report, unless the configuration goes to standard output.</param>
    /// <param name="error">Receives problems, and the report if the configuration goes to standard output.</param>
    /// <param name="openOutput">Opens standard output for bytes.</param>
    public ImportCommand(string? outputFile, TextWriter output, TextWriter error, Func<Stream> openOutput)
    {
        _outputFile = outputFile;
        _output = output;
        _error = error;
        _openOutput = openOutput;
    }

    /// <summary>Defines the command line.</summary>
    public static Command Create(TextWriter output, TextWriter error, Func<Stream> openOutput)
    {
        Argument<string[]> files = new("FILE")
        {
            Description = "rsyslog configuration: /etc/rsyslog.conf, or files of /etc/rsyslog.d in the order of their names.",
            Arity = ArgumentArity.OneOrMore,
        };
        Option<string?> target = new("--output")
        {
            Description = "Configuration file to write, readable by its owner only; replaced if it exists. Default: standard output, with the report "
                + "on standard error.",
            HelpName = "FILE",
        };
        Command import = new("import", "Translate an rsyslog configuration and report the result for each statement.") { files, target };
        import.SetAction(parsed => new ImportCommand(parsed.GetValue(target), output, error, openOutput).Execute(parsed.GetValue(files)!));
        return import;
    }

    /// <summary>
    /// Returns 0 = everything is translated or not needed, and the result loads; 1 = something is not supported or does not load, but the
    /// result is written; 2 = a file cannot be read or written.
    /// </summary>
    public int Execute(IReadOnlyList<string> files)
    {
        IncludedFiles reader = new();
        List<RsyslogStatement> statements = [];
        bool readable = true;
        foreach (string file in files)
        {
            if (reader.ReadNamed(file).TryGet(out RsyslogStatement[]? read, out string? problem))
            {
                statements.AddRange(read);
                continue;
            }
            _error.WriteLine($"concentrator: {file} {problem}");
            readable = false;
        }
        if (!readable) return ExitCodes.Unusable;
        ImportResult import = RsyslogImport.Of(statements);
        byte[] json = ImportedJson.Write(import, files);
        try
        {
            ConfigurationResult loaded = Write(json);
            Report(import, loaded);
            return import.HasUnsupported || !loaded.IsValid ? Unsupported : ExitCodes.Success;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _error.WriteLine($"concentrator: cannot write the configuration: {e.Message}");
            return ExitCodes.Unusable;
        }
    }

    /// <summary>
    /// Writes the result to a file that only this user can read, loads it as the server would, and moves it into place. A result for
    /// standard output is loaded from a temporary directory, so that no <c>conf.d</c> is beside it.
    /// </summary>
    private ConfigurationResult Write(byte[] json)
    {
        string? own = _outputFile is null ? Directory.CreateTempSubdirectory("concentrator-import-").FullName : null;
        string folder = own ?? Path.GetDirectoryName(Path.GetFullPath(_outputFile!))!;
        string draft = Path.Combine(folder, $".concentrator-import-{Guid.NewGuid():N}.json");
        try
        {
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            };
            using (FileStream file = new(draft, options)) file.Write(json);
            ConfigurationResult loaded = ConfigurationLoader.Load(draft, [], new ConfigurationEnvironment(new Dictionary<string, string>(), draft));
            if (_outputFile is null)
            {
                using Stream output = _openOutput();
                output.Write(json);
            }
            else
            {
                File.Move(draft, _outputFile, overwrite: true);
            }
            return loaded;
        }
        finally
        {
            File.Delete(draft);
            if (own is not null) Directory.Delete(own);
        }
    }

    private void Report(ImportResult import, ConfigurationResult loaded)
    {
        TextWriter report = _outputFile is null ? _error : _output;
        foreach (ImportLine line in import.Lines) report.WriteLine(line);
        foreach (string note in import.Notes) report.WriteLine($"note: {note}");
        report.WriteLine($"{Count(import, ImportOutcome.Translated)} translated, {Count(import, ImportOutcome.NotNeeded)} not needed, "
            + $"{Count(import, ImportOutcome.NotSupported)} not supported");
        string name = _outputFile ?? "the configuration";
        foreach (ConfigurationError wrong in loaded.Errors) report.WriteLine($"{name} does not load: {wrong.ToString().Replace(loaded.Source, name, StringComparison.Ordinal)}");
        foreach (string warning in loaded.Options?.Warnings ?? []) report.WriteLine($"warning: {warning.Replace(loaded.Source, name, StringComparison.Ordinal)}");
        if (loaded.Options is { } options)
        {
            report.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name} loads: listeners {options.Listeners.Count}, outputs {options.Outputs.Count}, routes {options.Routes.Count}"));
        }
    }

    private static string Count(ImportResult import, ImportOutcome outcome) =>
        import.Lines.Count(line => line.Outcome == outcome).ToString(CultureInfo.InvariantCulture);
}

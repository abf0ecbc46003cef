using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages.Rendering;

namespace Concentrator.Configuration.Loading;

/// <summary>Reads an output of type <c>file</c>.</summary>
internal static class FileOutputReader
{
    public static FileOutputOptions? Read(SectionReader section, TimestampSource timestamp)
    {
        FileOutputOptions defaults = new() { Name = section.Name, Path = "" };
        string? path = section.Required("Path", "write the absolute path of the file, for example \"/var/log/haproxy.log\"");
        if (path is not null && (!path.StartsWith('/') || path.EndsWith('/') || path.Contains('\0', StringComparison.Ordinal)))
        {
            section.Error("Path", $"{Problem.Quote(path)} is not an absolute file path; write, for example, \"/var/log/haproxy.log\"");
            path = null;
        }
        FileOutputOptions output = defaults with
        {
            Timestamp = timestamp,
            Path = path is null ? "" : Path.GetFullPath(path),
            Format = section.Value("Format", Choices.FileFormat.Parse, defaults.Format),
            Mode = section.Value("Mode", FileModeParser.Parse, defaults.Mode),
            Owner = AccountReader.Owner(section),
            Group = AccountReader.Group(section),
        };
        return path is null ? null : output;
    }
}

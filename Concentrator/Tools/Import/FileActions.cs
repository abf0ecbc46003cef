using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Messages.Rendering;

namespace Concentrator.Tools.Import;

/// <summary>Turns actions that write files into outputs.</summary>
internal sealed class FileActions(ImportSettings settings, RsyslogTemplates templates, ImportedOutputs outputs, ImportReport report)
{
    /// <summary>Translates a legacy line that begins with the path.</summary>
    public ActionTarget? Translate(RsyslogStatement action, LegacyTarget target, ImportNotes notes)
    {
        FileRights rights = new(settings.Legacy(action, "FileOwner"), settings.Legacy(action, "FileGroup"), settings.Legacy(action, "FileCreateMode"));
        return Translate(action, target.Name, target.Template, rights, notes);
    }

    /// <summary>Translates an action of type <c>omfile</c>.</summary>
    public ActionTarget? Translate(RsyslogObject action, RsyslogParameters given, ImportNotes notes)
    {
        RsyslogParameters module = settings.Module("builtin:omfile");
        given.Ignore("dirCreateMode", "dirOwner*", "dirGroup*", "createDirs", "sync", "asyncWriting", "flush*", "ioBufferSize", "closeTimeout", "dynaFileCacheSize");
        if (given.TryGet("dynaFile", out string? dynamic)) return report.LeaveOut(action, $"file names that a template makes ({Problem.Quote(dynamic)}) have no counterpart");
        FileRights rights = new(
            given["fileOwner"] ?? given["fileOwnerNum"] ?? module["fileOwner"] ?? settings.Legacy(action, "FileOwner"),
            given["fileGroup"] ?? given["fileGroupNum"] ?? module["fileGroup"] ?? settings.Legacy(action, "FileGroup"),
            given["fileCreateMode"] ?? module["fileCreateMode"] ?? settings.Legacy(action, "FileCreateMode"));
        string? file = given["file"];
        string? template = given["template"];
        notes.LoseRest(given);
        return file is null ? report.LeaveOut(action, "it has no file name") : Translate(action, file, template, rights, notes);
    }

    private ActionTarget? Translate(RsyslogStatement action, string path, string? template, FileRights rights, ImportNotes notes)
    {
        if (!path.StartsWith('/') || path.EndsWith('/') || path.StartsWith("/dev/", StringComparison.Ordinal))
        {
            return report.LeaveOut(action, "only files with absolute paths can be written, no devices");
        }
        if (path.Contains('\0', StringComparison.Ordinal)) return report.LeaveOut(action, "the path contains a NUL character");
        template ??= settings.Module("builtin:omfile")["template"] ?? settings.Legacy(action, "ActionFileDefaultTemplate");
        FileOutputOptions file = new() { Name = "", Path = Path.GetFullPath(path), Format = FileFormat.Rfc3339, Timestamp = TimestampSource.Message };
        RecognizedTemplate? recognized = templates.Recognize(template ?? "RSYSLOG_FileFormat");
        if (recognized?.File is { } format)
        {
            file = file with { Format = format, Timestamp = recognized.Timestamp };
            if (recognized.Remark is string remark) notes.Said.Add(remark);
            if (recognized.Loss is string loss) notes.Lost.Add(loss);
            if (template is null) notes.Said.Add("format rfc3339, rsyslog's default without ActionFileDefaultTemplate");
        }
        else
        {
            notes.Lost.Add($"template {Problem.Quote(template!)} {(recognized is null ? "is not defined in these files" : "is like no format of a file here")}, so lines are written as rfc3339");
        }
        if (rights.Mode is not null)
        {
            if (FileModeParser.Parse(rights.Mode).TryGet(out UnixFileMode mode, out string? problem)) file = file with { Mode = mode & ~Umask() };
            else notes.Lost.Add(problem);
        }
        // rsyslog's own user is root, so an owner root means its own; here that is the user that the service runs as.
        file = file with { Owner = rights.Owner is "root" or "0" ? null : rights.Owner, Group = rights.Group };
        FileOutputOptions output = outputs.File(file, action.Origin);
        if (file with { Name = output.Name } != output) notes.Lost.Add($"the file is written in the format of an earlier action, {output.Format.ToString()!.ToLowerInvariant()}, because it is the same output");
        report.Translated(action, $"output {output.Name} ({output.Path}, {output.Format.ToString()!.ToLowerInvariant()})", notes);
        return new ActionTarget(output.Name, null);
    }

    private UnixFileMode Umask() =>
        settings.Globals.TryGetValue("umask", out string? text) && FileModeParser.Parse(text).TryGet(out UnixFileMode umask, out _) ? umask : UnixFileMode.None;

    /// <summary>What an action says of a new file, as it is written; null = nothing.</summary>
    private readonly record struct FileRights(string? Owner, string? Group, string? Mode);
}

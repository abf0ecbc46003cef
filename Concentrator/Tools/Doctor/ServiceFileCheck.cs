using System.Globalization;
using System.Runtime.InteropServices;
using Concentrator.Configuration;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Native;

namespace Concentrator.Tools.Doctor;

/// <summary>
/// Whether the service can use what root, who asks, can use: the files that its configuration names and the directories it writes to. The
/// check takes on the unit's user, groups and capabilities, so that the kernel decides. What the unit's sandbox hides or makes read-only is
/// derived from its settings.
/// </summary>
/// <param name="unit">The server's unit.</param>
/// <param name="configuration">The configuration as the service loads it; it must be valid.</param>
internal sealed class ServiceFileCheck(ServiceUnit unit, ConfigurationResult configuration)
{
    /// <summary>A limit on the files to check. A spool has a directory per output, with a few files each.</summary>
    private const int MostSpoolFiles = 1000;

    private readonly ServerOptions _options = configuration.Options!;

    /// <summary>Empty when this process may not take on the service's rights, or the service has its own root directory.</summary>
    public IReadOnlyList<Diagnosis> Look()
    {
        if (!unit.Sandbox.IsKnown) return [];
        if (unit.Rights is not { } rights)
        {
            return [Diagnosis.Fail(
                UnitNames.Service, $"its user {unit.UserName} or one of its groups does not exist: it cannot start", $"useradd --system --no-create-home {unit.UserName}")];
        }
        NamedFile[] read = [.. ConfigurationFiles().Select(static file => new NamedFile(null, file, file)), .. _options.Files];
        if (AssumedRights.Try(rights.Rights, static () => "") is null) return [];
        Diagnosis?[] found = [.. read.Select(file => Reading(file, rights)), Spool(rights), .. _options.Outputs.OfType<FileOutputOptions>().Select(file => Writing(file, rights))];
        Diagnosis[] wrong = [.. found.OfType<Diagnosis>()];
        return wrong.Length > 0 ? wrong : [Diagnosis.Ok(
            UnitNames.Service, string.Create(CultureInfo.InvariantCulture, $"runs as {rights.Shown} and can access all {found.Length} configured files and directories"))];
    }

    private IEnumerable<string> ConfigurationFiles() => configuration.Parts.Prepend(configuration.Source).Where(File.Exists);

    private Diagnosis? Reading(NamedFile named, ServiceRights rights)
    {
        string subject = named.Origin is null ? named.Path : $"{named.Origin}: {named.Path}", file = named.File;
        Seen seen = See(file);
        if (seen.Sight is Sight.Hidden or Sight.Own)
        {
            string elsewhere = $"/etc/concentrator/{Path.GetFileName(file)}";
            return Diagnosis.Fail(
                subject, $"{UnitNames.Service} cannot see {file} ({seen.Setting})", $"install -m 0600 -o {rights.User} {file} {elsewhere}    (and configure that path: \"{elsewhere}\")");
        }

        // systemd puts credentials there, readable by the service only.
        if (seen.IsMade || file.StartsWith("/run/credentials/", StringComparison.Ordinal)) return null;
        return Closed(subject, file, seen.Outside, rights) ?? (First(rights, [(seen.Outside, FileUse.Read)]) is { } refusal
            ? Refused(subject, rights, $"cannot read {file}", refusal, $"chgrp {rights.Group} {seen.Outside} && chmod g+r {seen.Outside}")
            : null);
    }

    private Diagnosis? Spool(ServiceRights rights)
    {
        const string Subject = "Spool:Directory";

        // File outputs have no queue on disk. Without a relay the server starts without the directory and loses nothing.
        if (_options.Outputs.All(static output => output is FileOutputOptions)) return null;
        string directory = _options.Spool.Directory;
        bool exists = Directory.Exists(directory);
        if (_options.Spool.Durability == Durability.Memory && !exists) return null;
        Seen seen = See(directory);
        if (seen.IsMade || seen.Sight == Sight.Own) return null;
        string make = exists ? "" : $"install -d -m 0700 -o {rights.User} {directory} && ";
        bool isPrepared = !exists && unit.Prepares.Contains(directory);
        if (!exists && !isPrepared) seen = See(Existing(directory));
        if (Unwritable(Subject, directory, seen, make + DropIn(directory)) is { } unwritable) return unwritable;
        if (isPrepared)
        {
            return rights.Rights.User == 0 ? null : Diagnosis.Fail(
                Subject, $"ExecStartPre= creates {directory} for root, but {UnitNames.Service} runs as {rights.Shown}", $"install -d -m 0700 -o {rights.User} {directory}");
        }
        if (Closed(Subject, directory, seen.Outside, rights) is { } closed) return closed;
        if (!exists)
        {
            return First(rights, [(seen.Outside, FileUse.Write | FileUse.Enter)]) is { } above
                ? Refused(Subject, rights, $"cannot create {directory} in {seen.Outside}", above, $"install -d -m 0700 -o {rights.User} {directory}") : null;
        }
        return First(rights, [.. Entries(seen.Outside).Select(static entry => (entry, Use(entry)))]) is { } refusal
            ? Refused(Subject, rights, $"cannot read and write {refusal.Path}", refusal, $"chown -R {rights.User}: {directory}") : null;
    }

    private Diagnosis? Writing(FileOutputOptions output, ServiceRights rights)
    {
        string subject = $"Outputs:{output.Name}:Path", file = RealPath.Of(output.Path), directory = Path.GetDirectoryName(file)!;
        bool exists = File.Exists(file);
        if (output.Path.StartsWith("/dev/", StringComparison.Ordinal) || !Directory.Exists(directory) || (exists && FileCalls.Identify(file)?.Kind != FileKind.Regular)) return null;
        Seen seen = See(output.Path);
        if (seen.IsMade || seen.Sight == Sight.Own) return null;
        if (Unwritable(subject, file, seen, DropIn(directory)) is { } unwritable) return unwritable;
        if (Closed(subject, file, seen.Outside, rights) is { } closed) return closed;
        string target = exists ? seen.Outside : Path.GetDirectoryName(seen.Outside)!;
        return First(rights, [(target, exists ? FileUse.Write : FileUse.Write | FileUse.Enter)]) is { } refusal
            ? Refused(
                subject, rights, exists ? $"cannot write to {file}" : $"cannot create {file}", refusal,
                exists ? $"chown {rights.User} {seen.Outside}" : $"install -m 0640 -o {rights.User} -g {rights.Group} /dev/null {seen.Outside}")
            : null;
    }

    /// <summary>Uses the written name where systemd creates the directory: a dynamic user's links to a place closed to others.</summary>
    private Seen See(string path) => unit.Sandbox.Of(Path.GetFullPath(path)) is { IsMade: true } made ? made : unit.Sandbox.Of(RealPath.Of(path));

    private static Diagnosis? Unwritable(string subject, string path, Seen seen, string remedy) => seen.Sight switch
    {
        Sight.ReadOnly => Diagnosis.Fail(subject, $"{UnitNames.Service} cannot write to {path}: it is read-only there ({seen.Setting})", remedy),
        Sight.Hidden => Diagnosis.Fail(subject, $"{UnitNames.Service} cannot see {path} ({seen.Setting})", "configure a path elsewhere, for example below /var"),
        _ => null,
    };

    /// <summary>A directory on the path, as written or with links followed, that the service may not enter.</summary>
    private static Diagnosis? Closed(string subject, string path, string real, ServiceRights rights) =>
        First(rights, [.. Above(path).Concat(Above(real)).Select(static directory => (directory, FileUse.Enter))]) is { } refusal
            ? Refused(subject, rights, $"cannot traverse {refusal.Path} to {path}", refusal, $"chmod {WhoIs(refusal.Path, rights)}+x {refusal.Path}") : null;

    /// <summary>The first path that the service may not use as wanted; null when it may use all.</summary>
    private static Refusal? First(ServiceRights rights, IReadOnlyList<(string Path, FileUse Use)> wanted) => AssumedRights.Try(
        rights.Rights, () => wanted.Select(static one => new Refusal(one.Path, AssumedRights.Refusal(one.Path, one.Use))).Where(static one => one.Error != 0).Take(1).ToArray())
        is [var refusal] ? refusal : null;

    private static Diagnosis Refused(string subject, ServiceRights rights, string finding, Refusal refusal, string remedy)
    {
        (string path, int error) = refusal;
        string owner = FileCalls.OwnerOf(path) is { } found ? string.Create(CultureInfo.InvariantCulture, $", of user {found.User}, group {found.Group}") : "";
        string why = error == FileCalls.NoAccess ? $"mode {FileModeParser.Format(File.GetUnixFileMode(path))}{owner}" : Marshal.GetPInvokeErrorMessage(error);
        return Diagnosis.Fail(subject, $"{UnitNames.Service} runs as {rights.Shown} and {finding}: {why}", remedy);
    }

    /// <summary>The class of mode bits that applies to the service. The first match decides, even if another class allows more.</summary>
    private static char WhoIs(string path, ServiceRights rights) => FileCalls.OwnerOf(path) is not { } owner ? 'o'
        : owner.User == rights.Rights.User ? 'u' : rights.Rights.Groups.Contains(owner.Group) ? 'g' : 'o';

    /// <summary>The directory and everything in it.</summary>
    private static IEnumerable<string> Entries(string directory) => Directory
        .EnumerateFileSystemEntries(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, AttributesToSkip = FileAttributes.ReparsePoint })
        .Take(MostSpoolFiles).Prepend(directory);

    private static FileUse Use(string entry) => Directory.Exists(entry) ? FileUse.Read | FileUse.Write | FileUse.Enter : FileUse.Read | FileUse.Write;

    /// <summary>The parent directories, top-down.</summary>
    private static IEnumerable<string> Above(string path)
    {
        for (int slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1)) yield return path[..slash];
    }

    /// <summary>The nearest existing directory of the path.</summary>
    private static string Existing(string path)
    {
        string at = path;
        while (!Directory.Exists(at)) at = Path.GetDirectoryName(at)!;
        return at;
    }

    private static string DropIn(string directory) =>
        "mkdir -p /etc/systemd/system/concentrator.service.d && printf '[Service]\\nReadWritePaths="
        + $"{directory}\\n' >> /etc/systemd/system/concentrator.service.d/paths.conf && systemctl daemon-reload && systemctl restart concentrator";

    private sealed record Refusal(string Path, int Error);
}

using System.CommandLine;
using System.Globalization;
using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Configuration.Values;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;
using Concentrator.Queues.Segments;
using Concentrator.Tools.Status;

namespace Concentrator.Tools.Commands;

/// <summary>
/// <c>concentrator spool verify|stats|export|purge|refused</c>: examines the spool's directories, one per output. All but purge
/// only read, and may run while a server uses the spool.
/// </summary>
internal sealed class SpoolCommand
{
    private const int Damaged = 1;

    /// <summary>Bytes of a refused message shown in the list, usually its header.</summary>
    private const int ShownBytes = 120;

    private readonly string _directory;
    private readonly string? _name;
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    /// <param name="directory">The configuration's <c>Spool:Directory</c>.</param>
    /// <param name="name">Name of one output; null = all.</param>
    /// <param name="output">Receives results.</param>
    /// <param name="error">Receives problems, one a line.</param>
    public SpoolCommand(string directory, string? name, TextWriter output, TextWriter error)
    {
        _directory = directory;
        _name = name;
        _output = output;
        _error = error;
    }

    /// <summary>Defines the command line.</summary>
    /// <param name="output">Receives results as text.</param>
    /// <param name="error">Receives problems.</param>
    /// <param name="openFrames">Opens the stream for exported frames, as bytes.</param>
    public static Command Create(TextWriter output, TextWriter error, Func<Stream> openFrames)
    {
        Option<string> directory = new("--directory")
        {
            Description = "Spool directory, as in the configuration.",
            HelpName = "DIR",
            DefaultValueFactory = static _ => new SpoolOptions().Directory,
        };
        Option<string?> name = new("--output") { Description = "Output whose spool to use. Default: all.", HelpName = "NAME" };
        Option<bool> raw = new("--raw") { Description = "Write the frames as they would be sent, with octet counts. Default: one line per message." };
        Option<bool> refusedOnly = new("--refused") { Description = "Write the stored messages that the peer refused instead of the undelivered ones." };
        Option<bool> yes = new("--yes") { Description = "Confirm the deletion." };

        Command verify = new("verify", "Read the whole spool; exit 0 if it is intact, 1 if it is damaged.") { directory, name };
        Command stats = new("stats", "Print the number of messages and the disk usage, from the headers.") { directory, name };
        Command export = new("export", "Write the undelivered messages to standard output.") { directory, name, raw, refusedOnly };
        Command refused = new("refused", "List the stored messages that a peer refused.") { directory, name };
        Command purge = new("purge", "Delete all messages in the spool. Not possible while a server uses it.") { directory, name, yes };

        SpoolCommand Of(ParseResult parsed) => new(parsed.GetValue(directory)!, parsed.GetValue(name), output, error);
        verify.SetAction(parsed => Of(parsed).Verify());
        stats.SetAction(parsed => Of(parsed).Stats());
        export.SetAction(parsed =>
        {
            using Stream frames = openFrames();
            return parsed.GetValue(refusedOnly) ? Of(parsed).ExportRefused(frames, parsed.GetValue(raw)) : Of(parsed).Export(frames, parsed.GetValue(raw));
        });
        refused.SetAction(parsed => Of(parsed).Refused());
        purge.SetAction(parsed => Of(parsed).Purge(parsed.GetValue(yes)));
        return new Command("spool", "Inspect, verify, export or purge the spool on disk.") { verify, stats, export, purge, refused };
    }

    /// <summary>Writes a line per output. Returns 0 = intact, 1 = something is damaged, 2 = something cannot be read.</summary>
    public int Verify() => ForEach(path =>
    {
        LogVerdict verdict = SegmentLogInspection.Verify(SpoolDirectory.ForReading(path));
        bool inUse = SpoolDirectory.IsLocked(path, out int pid);

        // The end is always unfinished while a server is writing.
        if (inUse) verdict = verdict with { TornBytes = 0 };
        string extras = (verdict.DamagedHeaders > 0 ? $", {Number(verdict.DamagedHeaders)} damaged segment headers" : "")
            + (verdict.Unusable > 0 ? $", {Number(verdict.Unusable)} unusable segment files" : "")
            + (verdict.CheckpointIsDamaged ? ", checkpoint damaged" : "")
            + (verdict.Leftovers > 0 ? $", {Number(verdict.Leftovers)} empty leftover segments (harmless)" : "");
        _output.WriteLine($"{Path.GetFileName(path)}: {Number(verdict.Blocks)} blocks, {Number(verdict.Messages)} messages, "
            + $"{Number(verdict.PayloadBytes)} bytes, {Number(verdict.Corrupt)} corrupt, {Number(verdict.TornBytes)} torn bytes, "
            + $"{Number(verdict.LostMessages)} messages lost{extras}{InUse(inUse, pid)}: {(verdict.IsClean ? "intact" : "damaged")}");
        return verdict.IsClean ? ExitCodes.Success : Damaged;
    });

    /// <summary>Writes a line per output. Returns 0, or 2 if something cannot be read.</summary>
    public int Stats() => ForEach(path =>
    {
        LogStatistics statistics = SegmentLogInspection.Measure(SpoolDirectory.ForReading(path));
        string range = statistics.Messages == 0
            ? ""
            : $" (numbers {Number(statistics.FirstSequence)} to {Number(statistics.NextSequence - 1)})";
        _output.WriteLine($"{Path.GetFileName(path)}: {Number(statistics.Messages)} undelivered messages{range} in "
            + $"{Number(statistics.Segments)} segments, {ByteSize.Format(statistics.DiskBytes)} on disk"
            + InUse(SpoolDirectory.IsLocked(path, out int pid), pid));
        return ExitCodes.Success;
    });

    /// <summary>
    /// Writes the undelivered frames of one output, oldest first; partly delivered blocks are written whole. Returns 0 = all, 1 =
    /// something was damaged and is missing, 2 = not possible.
    /// </summary>
    public int Export(Stream frames, bool raw) => ForEach(
        path =>
        {
            using SegmentLog log = SegmentLog.Open(SpoolDirectory.ForReading(path), new SegmentLogOptions(), out RecoveryReport report);
            SegmentLogCursor cursor = log.CursorAt(0);
            Block block = new(Block.Capacity);
            using FrameLines lines = new(frames);
            while (TryRead(log, ref cursor, ref block))
            {
                if (raw) frames.Write(block.Bytes.Span);
                else lines.Write(block.Bytes.Span);
            }
            frames.Flush();
            long lost = report.LostMessages + log.LostMessages;
            if (lost == 0) return ExitCodes.Success;
            _error.WriteLine($"concentrator: {Path.GetFileName(path)}: {Number(lost)} messages are damaged and were skipped");
            return Damaged;
        },
        mayBeSeveral: false);

    /// <summary>Writes a line per message: its file, size in bytes, and beginning. Returns 0, or 2 if something cannot be read.</summary>
    public int Refused() => ForEach(path =>
    {
        foreach (string file in RefusedMessages.List(RefusedMessages.DirectoryOf(path)))
        {
            byte[] frame = File.ReadAllBytes(file);
            string start = Encoding.UTF8.GetString(frame.AsSpan(0, Math.Min(frame.Length, ShownBytes)));
            _output.WriteLine($"{Path.GetFileName(path)}: {file}, {Number(frame.Length)} bytes: "
                + $"{StatusValues.Printable(start)}{(frame.Length > ShownBytes ? "…" : "")}");
        }
        return ExitCodes.Success;
    });

    /// <summary>Writes the frames that one output's peer refused, oldest first. Returns 0, or 2 if that is not possible.</summary>
    public int ExportRefused(Stream frames, bool raw) => ForEach(
        path =>
        {
            using FrameLines lines = new(frames);
            foreach (string file in RefusedMessages.List(RefusedMessages.DirectoryOf(path)))
            {
                byte[] frame = File.ReadAllBytes(file);
                if (raw) frames.Write(frame);
                else lines.Write(frame);
            }
            frames.Flush();
            return ExitCodes.Success;
        },
        mayBeSeveral: false);

    /// <summary>Empties spools that no server uses. Returns 0 = done, 2 = not.</summary>
    public int Purge(bool yes) => ForEach(path =>
    {
        string name = Path.GetFileName(path);
        using SpoolDirectory directory = new(path);
        long messages;
        using (SegmentLog log = SegmentLog.Open(directory, new SegmentLogOptions(), out RecoveryReport report))
        {
            messages = report.Messages;
            if (!yes)
            {
                _error.WriteLine($"concentrator: {name} contains {Number(messages)} undelivered messages; add --yes to delete them");
                return ExitCodes.Unusable;
            }

            // Sequence numbers continue from here, so that old data is never taken for new.
            log.Release(log.NextSequence);
            log.SaveCheckpoint();
        }
        foreach (string file in directory.List())
        {
            if (file == SegmentName.Spare || SegmentName.TryParse(file, out _, out _)) directory.Delete(file);
        }
        _output.WriteLine($"{name}: {Number(messages)} undelivered messages deleted");
        return ExitCodes.Success;
    });

    /// <summary>Returns the worst result of all; a problem with one output does not prevent the others.</summary>
    private int ForEach(Func<string, int> action, bool mayBeSeveral = true)
    {
        string[] paths;
        try
        {
            paths = Find();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return Refuse(failure.Message);
        }
        if (paths.Length == 0)
        {
            return Refuse(_name is null ? $"there is no spool in {_directory}" : $"there is no spool for output {_name} in {_directory}");
        }
        if (paths.Length > 1 && !mayBeSeveral)
        {
            string names = string.Join(", ", paths.Select(Path.GetFileName));
            return Refuse($"{_directory} contains several outputs; name one with --output: {names}");
        }
        int worst = ExitCodes.Success;
        foreach (string path in paths)
        {
            int result;
            try
            {
                result = action(path);
            }
            catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SpoolVersionException)
            {
                result = Refuse(failure.Message);
            }
            worst = Math.Max(worst, result);
        }
        return worst;
    }

    private string[] Find() =>
    [
        .. Directory.EnumerateDirectories(_directory)
            .Where(path => _name is null || Path.GetFileName(path) == _name)
            .Where(static path => Directory.EnumerateFiles(path).Select(static file => Path.GetFileName(file))
                .Any(static file => file == Checkpoint.FileName || SegmentName.TryParse(file, out _, out _)))
            .Order(StringComparer.Ordinal),
    ];

    private int Refuse(string problem)
    {
        _error.WriteLine($"concentrator: {problem}");
        return ExitCodes.Unusable;
    }

    /// <summary>Retries read errors; the log itself decides when to give a place up.</summary>
    private static bool TryRead(SegmentLog log, ref SegmentLogCursor cursor, ref Block block)
    {
        Block reused = block;
        while (true)
        {
            try
            {
                bool read = log.TryRead(ref cursor, length => Room(reused, length), out Block? got);
                if (got is not null) block = got;
                return read;
            }
            catch (IOException)
            {
                // Retry: the log skips and counts a place that keeps failing.
            }
        }
    }

    private static Block Room(Block block, int length)
    {
        block.Clear();
        return block.Room >= length ? block : new Block(length);
    }

    private static string InUse(bool inUse, int pid) => inUse ? $", in use by {(pid == 0 ? "a server" : $"process {Number(pid)}")}" : "";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}

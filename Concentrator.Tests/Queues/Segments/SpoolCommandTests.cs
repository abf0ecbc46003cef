using System.Text;
using Concentrator.Configuration.Loading;
using Concentrator.Queues.DiskFormat;
using Concentrator.Queues.Files;
using Concentrator.Queues.Segments;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using NUnit.Framework;

namespace Concentrator.Tests.Queues.Segments;

/// <summary><c>concentrator spool</c>: what it prints, what it changes, and its exit codes.</summary>
internal sealed class SpoolCommandTests
{
    private TempDirectory _temp = null!;
    private StringWriter _output = null!;
    private StringWriter _error = null!;

    [SetUp]
    public void CreateSpool()
    {
        _temp = new TempDirectory();
        _output = new StringWriter { NewLine = "\n" };
        _error = new StringWriter { NewLine = "\n" };
    }

    [TearDown]
    public void RemoveSpool()
    {
        _temp.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Test]
    public void Verify_prints_a_line_an_output_and_ends_with_0_where_all_is_sound()
    {
        Fill("sekoia", "5 hello2 hi", "3 abc");
        Fill("backup");
        Fill("archive", "1 x");
        Assert.That(Command().Verify(), Is.Zero);
        Assert.That(_output.ToString(), Is.EqualTo("""
            archive: 1 blocks, 1 messages, 3 bytes, 0 corrupt, 0 torn bytes, 0 messages lost: intact
            backup: 0 blocks, 0 messages, 0 bytes, 0 corrupt, 0 torn bytes, 0 messages lost: intact
            sekoia: 2 blocks, 3 messages, 16 bytes, 0 corrupt, 0 torn bytes, 0 messages lost: intact

            """));
        Assert.That(_error.ToString(), Is.Empty);
    }

    [Test]
    public void Verify_finds_a_bit_flipped_in_any_byte_and_ends_with_1_and_changes_nothing()
    {
        Fill("sekoia", "5 hello2 hi", "3 abc", "1 x");
        string file = SegmentOf("sekoia");
        byte[] sound = File.ReadAllBytes(file);
        int end = sound.AsSpan().LastIndexOfAnyExcept((byte)0) + 1;
        for (int at = 0; at < end; at++)
        {
            byte[] damaged = [.. sound];
            damaged[at] ^= 0x10;
            File.WriteAllBytes(file, damaged);
            Assert.That(Command().Verify(), Is.EqualTo(1), $"byte {at}");
            Assert.That(File.ReadAllBytes(file), Is.EqualTo(damaged));
        }
        Assert.That(_output.ToString().Split('\n')[100], Is.EqualTo(
            "sekoia: 2 blocks, 3 messages, 14 bytes, 1 corrupt, 0 torn bytes, 1 messages lost: damaged"), "in the second block's header");
    }

    [Test]
    public void Verify_sees_a_torn_end_a_missing_segment_and_a_damaged_checkpoint()
    {
        Fill("torn", "5 hello", "5 world");
        byte[] bytes = File.ReadAllBytes(SegmentOf("torn"));
        bytes[SegmentHeader.Size + 40 + 7 + 40 + 3] = 0;
        File.WriteAllBytes(SegmentOf("torn"), bytes);
        File.Delete(_temp["spool/torn/checkpoint"]);

        Fill("missing", [.. Enumerable.Repeat("5 hello", 40)]);
        File.Delete(Directory.GetFiles(_temp["spool/missing"], "*.segment").Order(StringComparer.Ordinal).ElementAt(1));

        Fill("unsure", "5 hello");
        File.WriteAllText(_temp["spool/unsure/checkpoint"], "nonsense");
        Assert.That(Command().Verify(), Is.EqualTo(1));
        Assert.That(_output.ToString(), Is.EqualTo("""
            missing: 30 blocks, 30 messages, 210 bytes, 1 corrupt, 0 torn bytes, 10 messages lost: damaged
            torn: 1 blocks, 1 messages, 7 bytes, 0 corrupt, 47 torn bytes, 0 messages lost: damaged
            unsure: 1 blocks, 1 messages, 7 bytes, 0 corrupt, 0 torn bytes, 0 messages lost, checkpoint damaged: damaged

            """));
    }

    [Test]
    public void Verify_says_of_a_segment_begun_in_vain_that_it_is_harmless()
    {
        Fill("sekoia", "5 hello", "3 abc");
        byte[] begun = new byte[512];
        new SegmentHeader(2, 7, 2).Write(begun);
        File.WriteAllBytes(_temp[$"spool/sekoia/{SegmentName.Of(2, 7)}"], begun);
        Assert.That(Command().Verify(), Is.Zero);
        Assert.That(_output.ToString(), Is.EqualTo("sekoia: 2 blocks, 2 messages, 12 bytes, 0 corrupt, 0 torn bytes, 0 messages lost, "
            + "1 empty leftover segments (harmless): intact\n"));
    }

    [Test]
    public void Stats_tells_what_is_undelivered()
    {
        Fill("sekoia", "5 hello2 hi", "3 abc", "1 x");
        using (SpoolDirectory directory = new(_temp["spool/sekoia"]))
        using (SegmentLog log = SegmentLog.Open(directory, Logs.Small, out _))
        {
            log.Release(3);
            log.SaveCheckpoint();
            Assert.That(Command().Stats(), Is.Zero);
        }
        Fill("idle");
        Assert.That(Command().Stats(), Is.Zero);
        Assert.That(_output.ToString(), Is.EqualTo($"""
            sekoia: 2 undelivered messages (numbers 3 to 4) in 1 segments, 512B on disk, in use by process {Environment.ProcessId}
            idle: 0 undelivered messages in 0 segments, 0B on disk
            sekoia: 2 undelivered messages (numbers 3 to 4) in 1 segments, 512B on disk

            """));
    }

    [Test]
    public void Export_writes_a_line_a_message_or_the_frames_as_they_are()
    {
        Fill("sekoia", "5 hello7 two\nlin", "3 \0\u00e9x", "no count", "99 short", "0 1 y");
        Assert.That(Exported(raw: false), Is.EqualTo("hello\ntwo#012lin\n#000\u00e9x\nno count\n99 short\n\ny\n"));
        Assert.That(Exported(raw: true), Is.EqualTo("5 hello7 two\nlin3 \0\u00e9xno count99 short0 1 y"));
        Assert.That(_error.ToString(), Is.Empty);
    }

    [Test]
    public void Export_leaves_out_what_is_delivered_and_what_is_damaged_and_says_so()
    {
        Fill("sekoia", "1 a", "1 b", "1 c", "1 d");
        using (SpoolDirectory directory = new(_temp["spool/sekoia"]))
        using (SegmentLog log = SegmentLog.Open(directory, Logs.Small, out _))
        {
            log.Release(2);
            log.SaveCheckpoint();
        }
        byte[] bytes = File.ReadAllBytes(SegmentOf("sekoia"));
        bytes[SegmentHeader.Size + (2 * 43) + 42]++;
        File.WriteAllBytes(SegmentOf("sekoia"), bytes);
        Assert.That(Exported(raw: false, expectedCode: 1), Is.EqualTo("b\nd\n"));
        Assert.That(_error.ToString(), Is.EqualTo("concentrator: sekoia: 1 messages are damaged and were skipped\n"));
    }

    [Test]
    public void Export_of_several_outputs_asks_which()
    {
        Fill("one", "1 a");
        Fill("two", "1 b");
        Assert.That(Exported(raw: true, expectedCode: 2), Is.Empty);
        Assert.That(_error.ToString(), Is.EqualTo($"concentrator: {_temp["spool"]} contains several outputs; name one with --output: one, two\n"));
        Assert.That(Exported(raw: true, name: "two"), Is.EqualTo("1 b"));
    }

    [Test]
    public void Purge_wants_to_be_told_twice_and_then_leaves_nothing_but_the_numbers()
    {
        Fill("sekoia", "5 hello2 hi", "3 abc");
        _temp.Write("spool/sekoia/notes", "mine");
        Assert.That(Command().Purge(yes: false), Is.EqualTo(2));
        Assert.That(_error.ToString(), Is.EqualTo("concentrator: sekoia holds 3 undelivered messages; add --yes to delete them\n"));
        Assert.That(Exported(raw: false), Is.EqualTo("hello\nhi\nabc\n"));

        Assert.That(Command().Purge(yes: true), Is.Zero);
        Assert.That(_output.ToString(), Is.EqualTo("sekoia: 3 undelivered messages deleted\n"));
        Assert.That(Directory.GetFiles(_temp["spool/sekoia"]).Select(Path.GetFileName), Is.EquivalentTo((string[])["checkpoint", "lock", "notes"]));
        using SpoolDirectory directory = new(_temp["spool/sekoia"]);
        using SegmentLog log = SegmentLog.Open(directory, Logs.Small, out RecoveryReport report);
        Assert.That(report.IsClean);
        Assert.That(log.NextSequence, Is.EqualTo(4));
    }

    [Test]
    public void Purge_is_refused_while_somebody_works_with_it_and_the_others_only_look()
    {
        Fill("sekoia", "5 hello");
        using SpoolDirectory server = new(_temp["spool/sekoia"]);
        Assert.That(Command().Purge(yes: true), Is.EqualTo(2));
        Assert.That(_error.ToString(), Is.EqualTo(
            $"concentrator: {_temp["spool/sekoia"]} is in use by process {Environment.ProcessId}; only one process may use it\n"));
        Assert.That(Command().Verify(), Is.Zero);
        Assert.That(_output.ToString(), Does.Contain($", in use by process {Environment.ProcessId}: intact"));
        Assert.That(Exported(raw: true), Is.EqualTo("5 hello"));
    }

    [Test]
    public void What_is_not_there_ends_with_2_and_one_line()
    {
        Assert.That(Command().Verify(), Is.EqualTo(2));
        Fill("sekoia", "1 a");
        Directory.CreateDirectory(_temp["spool/something else"]);
        Assert.That(Command("nobody").Stats(), Is.EqualTo(2));
        Directory.CreateDirectory(_temp["empty"]);
        Assert.That(new SpoolCommand(_temp["empty"], null, _output, _error).Purge(yes: true), Is.EqualTo(2));
        string[] lines = _error.ToString().Split('\n');
        Assert.That(lines[0], Does.StartWith("concentrator: Could not find a part of the path"));
        Assert.That(lines[1], Is.EqualTo($"concentrator: there is no spool for output nobody in {_temp["spool"]}"));
        Assert.That(lines[2], Is.EqualTo($"concentrator: there is no spool in {_temp["empty"]}"));
        Assert.That(lines, Has.Length.EqualTo(4));
        Assert.That(_output.ToString(), Is.Empty);
    }

    [Test]
    public void A_newer_version_ends_with_2_and_the_other_outputs_are_looked_at_all_the_same()
    {
        Fill("newer", "1 a");
        Fill("sekoia", "1 a");
        byte[] bytes = File.ReadAllBytes(SegmentOf("newer"));
        bytes[4] = 7;
        BitConverter.TryWriteBytes(bytes.AsSpan(32), Bytes.Crc32C.Of(bytes.AsSpan(0, 32)));
        File.WriteAllBytes(SegmentOf("newer"), bytes);
        Assert.That(Command().Verify(), Is.EqualTo(2));
        Assert.That(_error.ToString(), Is.EqualTo($"concentrator: {SegmentOf("newer")} has spool format version 7, but this program supports versions up to "
            + "1; run a newer version, or move the directory away\n"));
        Assert.That(_output.ToString(), Does.StartWith("sekoia: 1 blocks"));
    }

    [Test]
    public async Task The_command_line_reaches_it()
    {
        Fill("sekoia", "5 hello", "2 hi");
        Assert.That(await Invoke("spool", "verify", "--directory", _temp["spool"], "--output", "sekoia"), Is.Zero);
        Assert.That(_output.ToString(), Does.EndWith(": intact\n"));
        Assert.That(await Invoke("spool", "purge", "--directory", _temp["spool"]), Is.EqualTo(2));
        Assert.That(await Invoke("spool", "stats", "--directory", _temp["none"]), Is.EqualTo(2));
        Assert.That(await Invoke("spool", "forget"), Is.EqualTo(2));
        Assert.That(await Invoke("spool", "purge", "--directory", _temp["spool"], "--yes"), Is.Zero);
    }

    [Test]
    public void Exported_bytes_reach_standard_output_as_they_are()
    {
        Fill("sekoia", "3 \u00ff\u0080x");
        (int code, string output, _) = ServerProcess.Run(_temp, "spool", "export", "--raw", "--directory", _temp["spool"]);
        Assert.That(code, Is.Zero);
        Assert.That(output, Does.StartWith("3 ").And.EndsWith("x"));
    }

    private Task<int> Invoke(params string[] arguments) =>
        Program.InvokeAsync(arguments, ConfigurationEnvironment.Current(), _output, _error, CancellationToken.None);

    private SpoolCommand Command(string? name = null) => new(_temp["spool"], name, _output, _error);

    private string Exported(bool raw, int expectedCode = 0, string? name = null)
    {
        using MemoryStream frames = new();
        Assert.That(Command(name).Export(frames, raw), Is.EqualTo(expectedCode));
        return Encoding.Latin1.GetString(frames.ToArray());
    }

    private string SegmentOf(string name) => Directory.GetFiles(_temp[$"spool/{name}"], "*.segment").Single();

    /// <summary>A cleanly closed spool of one output with these blocks; messages are counted by their octet counts.</summary>
    private void Fill(string name, params string[] blocks)
    {
        using SpoolDirectory directory = new(_temp[$"spool/{name}"]);
        using SegmentLog log = SegmentLog.Open(directory, Logs.Small, out _);
        foreach (string block in blocks)
        {
            int messages = block.Contains("hello2", StringComparison.Ordinal) || block.Contains("hello7", StringComparison.Ordinal) ? 2 : 1;
            log.Append(Encoding.Latin1.GetBytes(block), messages);
        }
        log.SaveCheckpoint();
    }
}

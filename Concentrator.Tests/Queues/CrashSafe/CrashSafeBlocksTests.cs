using System.Text;
using Concentrator.Configuration.Options;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.CrashSafe;
using Concentrator.Tests.Equipment;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

/// <summary>
/// Blocks in memory that outlives the process. A kill is played by opening the same directory again: nothing is flushed or
/// closed before, and the pages are those that a killed process would have left.
/// </summary>
[TestFixture]
internal sealed class CrashSafeBlocksTests
{
    private const long Bytes = 32 * Block.Capacity;

    private readonly TempDirectory _directory = new();
    private readonly LogCapture _log = new();
    private CrashSafeMemory _memory = null!;

    [SetUp]
    public void Begin() => _memory = Memory();

    [TearDown]
    public void End()
    {
        _memory.Dispose();
        if (Directory.Exists(_directory["spool"])) Directory.Delete(_directory["spool"], recursive: true);
    }

    [OneTimeTearDown]
    public void Clean()
    {
        _log.Dispose();
        _directory.Dispose();
    }

    [Test]
    public void What_was_committed_is_found_again_and_what_was_only_begun_is_not()
    {
        Block block = Open().TryRent(1)!;
        Write(block, "committed ");
        Write(block, "too ");
        block.Commit();
        Write(block, "begun");
        Assert.That(AfterAKill(), Is.EqualTo(new[] { "committed too " }));
    }

    [Test]
    public void A_killed_process_s_blocks_keep_the_order_in_which_they_were_begun()
    {
        CrashSafeBlocks blocks = Open();
        Block[] rented = [.. Enumerable.Range(0, 5).Select(_ => blocks.TryRent(1)!)];
        foreach (int i in (int[])[3, 0, 4, 1, 2])
        {
            Write(rented[i], $"block {i}");
            rented[i].Commit();
        }
        blocks.Return(rented[1]);
        rented[1].Clear();
        Assert.That(AfterAKill(), Is.EqualTo(new[] { "block 0", "block 2", "block 3", "block 4" }));
    }

    [Test]
    public void A_block_that_is_elsewhere_by_now_is_not_found()
    {
        Block block = Open().TryRent(1)!;
        Write(block, "on disk");
        block.Commit();
        block.Forget();
        Assert.That(block.Bytes.Length, Is.EqualTo(7), "its owner goes on with it");
        Assert.That(AfterAKill(), Is.Empty);
    }

    [Test]
    public void What_was_found_survives_the_next_kill_as_well_until_it_is_delivered()
    {
        Block block = Open().TryRent(1)!;
        Write(block, "twice killed");
        block.Commit();
        Assert.That(AfterAKill(), Is.EqualTo(new[] { "twice killed" }));
        Assert.That(AfterAKill(), Is.EqualTo(new[] { "twice killed" }));
    }

    [Test]
    public void Any_life_of_blocks_is_found_as_a_simple_list_would_keep_it() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<byte[]>(),
        steps =>
        {
            End();
            Begin();
            CrashSafeBlocks blocks = Open();
            List<(Block Block, string Committed)> model = [];
            int number = 0;
            foreach (byte step in steps)
            {
                int at = model.Count == 0 ? 0 : step / 8 % model.Count;
                switch (step % 8)
                {
                    case 0 or 1 when blocks.TryRent(1) is { } rented:
                        model.Add((rented, ""));
                        break;
                    case 2 or 3 or 4 when model.Count > 0:
                        Write(model[at].Block, $"<{number++}>");
                        model[at].Block.Commit();
                        model[at] = (model[at].Block, Text(model[at].Block));
                        break;
                    case 5 when model.Count > 0:
                        Write(model[at].Block, "not committed");
                        break;
                    case 6 when model.Count > 0:
                        model[at].Block.Clear();
                        blocks.Return(model[at].Block);
                        model.RemoveAt(at);
                        break;
                    case 7 when model.Count > 0:
                        model[at].Block.Forget();
                        model[at] = (model[at].Block, "");
                        break;
                }
            }
            Assert.That(AfterAKill(), Is.EqualTo(model.Select(static m => m.Committed).Where(static c => c.Length > 0)));
        }));

    [Test]
    public void Pages_of_another_boot_are_not_trusted()
    {
        Block block = Open().TryRent(1)!;
        Write(block, "before the power failed");
        block.Commit();
        string file = Directory.GetFiles(Home(), "*.front").Single();
        using (FileStream stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            byte[] header = new byte[RegionHeader.Size];
            stream.ReadExactly(header);
            Assert.That(RegionHeader.TryRead(header, out RegionHeader read));
            (read with { BootId = Guid.NewGuid() }).Write(header);
            stream.Position = 0;
            stream.Write(header);
        }
        Assert.That(AfterAKill(), Is.Empty);
        Assert.That(_log.Has("a different boot"), _log.ToString());
    }

    [Test]
    public void Records_that_cannot_be_true_are_free_blocks([Values(-1L, 5L, (1L << 32 | 2), (long)(200 * Block.Capacity) << 32 | 1)] long state)
    {
        Open().TryRent(1);
        string file = Directory.GetFiles(Home(), "*.front").Single();
        using (FileStream stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            stream.Position = RegionLayout.Records;
            stream.Write(BitConverter.GetBytes(state));
        }
        Assert.That(AfterAKill(), Is.Empty);
    }

    [Test]
    public void All_blocks_can_be_rented_once_and_again_after_their_return()
    {
        CrashSafeBlocks blocks = Open();
        for (int round = 0; round < 3; round++)
        {
            List<Block> rented = [];
            while (blocks.TryRent(1) is { } block) rented.Add(block);
            Assert.That(rented, Has.Count.EqualTo(4 * 32), "for messages that leave room behind, too");
            foreach (Block block in rented) blocks.Return(block);
        }
    }

    [Test]
    public void Messages_larger_than_a_unit_never_share_one_and_are_found_after_a_kill([Random(int.MinValue, int.MaxValue, 20)] int seed)
    {
        Random random = new(seed);
        CrashSafeBlocks blocks = Open();
        List<(Block Block, string Text)> held = [];
        for (int step = 0; step < 300; step++)
        {
            if (random.Next(3) > 0)
            {
                int length = random.Next(4) == 0 ? random.Next(1, 8 * Block.Capacity) : random.Next(1, Block.Capacity);
                if (blocks.TryRent(length) is not { } block) continue;
                Assert.That(block.Room, Is.GreaterThanOrEqualTo(length));
                string text = new((char)('a' + step % 26), length);
                Write(block, text);
                block.Commit();
                held.Add((block, text));
            }
            else if (held.Count > 0)
            {
                int at = random.Next(held.Count);
                held[at].Block.Clear();
                blocks.Return(held[at].Block);
                held.RemoveAt(at);
            }
        }
        Assert.That(held.Select(static h => Text(h.Block)), Is.EqualTo(held.Select(static h => h.Text)));
        Assert.That(AfterAKill(), Is.EqualTo(held.Select(static h => h.Text)));
    }

    [Test]
    public void Where_the_file_system_has_no_room_for_more_plain_memory_follows_and_one_line_says_so()
    {
        using TmpFs runtime = new(_directory["run"], "300m");
        using CrashSafeMemory memory = CrashSafeMemory.Open(Options(_directory["unused"]), runtime.Path, _log.Logger);
        CrashSafeBlocks blocks = CrashSafeBlocks.Open(memory, "filled", 64 * 1024 * 1024)!;
        Block first = blocks.TryRent(1)!;
        runtime.Fill();
        int rented = 0;
        while (blocks.TryRent(1) is { } block)
        {
            // Each page of what is given out is there: a store beyond the room would end this process.
            block.Extend(block.Room).Fill(1);
            rented++;
        }
        Assert.That(rented, Is.LessThan(100));
        Assert.That(blocks.TryRent(1), Is.Null);
        first.Extend(first.Room).Fill(1);
        Assert.That(_log.ToString().Split('\n').Count(static l => l.Contains("filled.1.front", StringComparison.Ordinal)), Is.EqualTo(1), _log.ToString());
    }

    [Test]
    public void An_output_that_ends_with_nothing_left_leaves_no_file()
    {
        CrashSafeBlocks blocks = Open();
        Block block = blocks.TryRent(1)!;
        Write(block, "delivered");
        block.Commit();
        block.Clear();
        blocks.Close();
        Assert.That(Directory.GetFiles(Home()).Select(Path.GetFileName), Is.EqualTo(new[] { "lock" }));
    }

    [Test]
    public void The_files_are_for_their_owner_alone()
    {
        Open();
        Assert.That(File.GetUnixFileMode(Directory.GetFiles(Home(), "*.front").Single()), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(File.GetUnixFileMode(Home()), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Test]
    public void Without_room_for_the_file_plain_memory_takes_its_place_and_one_line_says_so()
    {
        using TmpFs full = new(_directory["full"], "64k");
        using CrashSafeMemory memory = CrashSafeMemory.Open(Options(full.Path), null, _log.Logger);
        Assert.That(CrashSafeBlocks.Open(memory, "sekoia", Bytes), Is.Null);
        Assert.That(_log.Has("no crash-safe memory for"), _log.ToString());
    }

    [Test]
    public void A_small_runtime_directory_is_left_alone()
    {
        using TmpFs runtime = new(_directory["run"], "100m");
        _memory.Dispose();
        _memory = CrashSafeMemory.Open(Options(_directory["spool"]), runtime.Path, _log.Logger);
        Assert.That(CrashSafeBlocks.Open(_memory, "sekoia", Bytes), Is.Not.Null);
        Assert.That(Directory.GetFiles(Home(), "*.front"), Has.Length.EqualTo(1));
        Assert.That(Directory.GetFileSystemEntries(runtime.Path), Is.Empty);
    }

    [Test]
    public void Durability_memory_makes_no_file()
    {
        SpoolOptions options = Options(_directory["none"]) with { Durability = Durability.Memory };
        using CrashSafeMemory memory = CrashSafeMemory.Open(options, null, _log.Logger);
        Assert.That(CrashSafeBlocks.Open(memory, "sekoia", Bytes), Is.Null);
        Assert.That(Directory.Exists(_directory["none"]), Is.False);
    }

    [Test]
    public void Under_systemd_the_files_lie_in_the_runtime_directory()
    {
        using TmpFs runtime = new(_directory["run"], "300m");
        using CrashSafeMemory memory = CrashSafeMemory.Open(Options(_directory["unused"]), $"{runtime.Path}:/elsewhere", _log.Logger);
        Assert.That(CrashSafeBlocks.Open(memory, "sekoia", Bytes), Is.Not.Null);
        Assert.That(Directory.GetFiles(Path.Combine(runtime.Path, ".memory"), "*.front"), Has.Length.EqualTo(1));
        Assert.That(Directory.Exists(_directory["unused"]), Is.False);
    }

    [Test]
    public void A_second_owner_of_the_same_name_gets_a_file_of_its_own()
    {
        Block block = Open().TryRent(1)!;
        Write(block, "of the first");
        block.Commit();
        Assert.That(Open().Left, Is.Empty);
        Assert.That(Directory.GetFiles(Home(), "*.front"), Has.Length.EqualTo(2));
    }

    private string Home() => Path.Combine(_directory["spool"], ".memory");

    private static SpoolOptions Options(string directory) => new() { Directory = directory };

    private CrashSafeMemory Memory() => CrashSafeMemory.Open(Options(_directory["spool"]), null, _log.Logger);

    private CrashSafeBlocks Open() => CrashSafeBlocks.Open(_memory, "sekoia", Bytes)!;

    private string[] AfterAKill()
    {
        // The kernel lets go of the lock of a process that is dead.
        _memory.Dispose();
        _memory = Memory();
        return [.. Open().Left.Select(Text)];
    }

    private static void Write(Block block, string text) => Encoding.ASCII.GetBytes(text, block.Extend(text.Length));

    private static string Text(Block block) => Encoding.ASCII.GetString(block.Bytes.Span);
}

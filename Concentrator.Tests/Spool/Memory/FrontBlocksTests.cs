using System.Text;
using Concentrator.Configuration;
using Concentrator.Spool;
using Concentrator.Tests.Equipment;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Spool;

/// <summary>
/// Blocks in memory that outlives the process. A kill is played by opening the same directory again: nothing is flushed or
/// closed before, and the pages are those that a killed process would have left.
/// </summary>
[TestFixture]
internal sealed class FrontBlocksTests
{
    private const long Bytes = 32 * Block.Capacity;

    private readonly TempDirectory _directory = new();
    private readonly LogCapture _log = new();
    private SurvivingMemory _memory = null!;

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
        Block block = Open().TryRent()!;
        Write(block, "committed ");
        Write(block, "too ");
        block.Commit();
        Write(block, "begun");
        Assert.That(AfterAKill(), Is.EqualTo(new[] { "committed too " }));
    }

    [Test]
    public void A_killed_process_s_blocks_keep_the_order_in_which_they_were_begun()
    {
        FrontBlocks blocks = Open();
        Block[] rented = [.. Enumerable.Range(0, 5).Select(_ => blocks.TryRent()!)];
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
        Block block = Open().TryRent()!;
        Write(block, "on disk");
        block.Commit();
        block.Forget();
        Assert.That(block.Bytes.Length, Is.EqualTo(7), "its owner goes on with it");
        Assert.That(AfterAKill(), Is.Empty);
    }

    [Test]
    public void What_was_found_survives_the_next_kill_as_well_until_it_is_delivered()
    {
        Block block = Open().TryRent()!;
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
            FrontBlocks blocks = Open();
            List<(Block Block, string Committed)> model = [];
            int number = 0;
            foreach (byte step in steps)
            {
                int at = model.Count == 0 ? 0 : step / 8 % model.Count;
                switch (step % 8)
                {
                    case 0 or 1 when blocks.TryRent() is { } rented:
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
        Block block = Open().TryRent()!;
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
        Assert.That(_log.Has("another boot"), _log.ToString());
    }

    [Test]
    public void Records_that_cannot_be_true_are_free_blocks([Values(-1L, 5L, (1L << 32 | 2), (long)(Block.Capacity + 1) << 32 | 1)] long state)
    {
        Open().TryRent();
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
        FrontBlocks blocks = Open();
        for (int round = 0; round < 3; round++)
        {
            List<Block> rented = [];
            while (blocks.TryRent() is { } block) rented.Add(block);
            Assert.That(rented, Has.Count.EqualTo(32));
            foreach (Block block in rented) blocks.Return(block);
        }
    }

    [Test]
    public void An_output_that_ends_with_nothing_left_leaves_no_file()
    {
        FrontBlocks blocks = Open();
        Block block = blocks.TryRent()!;
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
        using SurvivingMemory memory = SurvivingMemory.Open(Options(full.Path), null, _log.Logger);
        Assert.That(FrontBlocks.Open(memory, "sekoia", Bytes), Is.Null);
        Assert.That(_log.Has("cannot be had for"), _log.ToString());
    }

    [Test]
    public void A_small_runtime_directory_is_left_alone()
    {
        using TmpFs runtime = new(_directory["run"], "100m");
        _memory.Dispose();
        _memory = SurvivingMemory.Open(Options(_directory["spool"]), runtime.Path, _log.Logger);
        Assert.That(FrontBlocks.Open(_memory, "sekoia", Bytes), Is.Not.Null);
        Assert.That(Directory.GetFiles(Home(), "*.front"), Has.Length.EqualTo(1));
        Assert.That(Directory.GetFileSystemEntries(runtime.Path), Is.Empty);
    }

    [Test]
    public void Durability_memory_makes_no_file()
    {
        SpoolOptions options = Options(_directory["none"]) with { Durability = Durability.Memory };
        using SurvivingMemory memory = SurvivingMemory.Open(options, null, _log.Logger);
        Assert.That(FrontBlocks.Open(memory, "sekoia", Bytes), Is.Null);
        Assert.That(Directory.Exists(_directory["none"]), Is.False);
    }

    [Test]
    public void Under_systemd_the_files_lie_in_the_runtime_directory()
    {
        using TmpFs runtime = new(_directory["run"], "300m");
        using SurvivingMemory memory = SurvivingMemory.Open(Options(_directory["unused"]), $"{runtime.Path}:/elsewhere", _log.Logger);
        Assert.That(FrontBlocks.Open(memory, "sekoia", Bytes), Is.Not.Null);
        Assert.That(Directory.GetFiles(Path.Combine(runtime.Path, ".memory"), "*.front"), Has.Length.EqualTo(1));
        Assert.That(Directory.Exists(_directory["unused"]), Is.False);
    }

    [Test]
    public void A_second_owner_of_the_same_name_gets_a_file_of_its_own()
    {
        Block block = Open().TryRent()!;
        Write(block, "of the first");
        block.Commit();
        Assert.That(Open().Left, Is.Empty);
        Assert.That(Directory.GetFiles(Home(), "*.front"), Has.Length.EqualTo(2));
    }

    private string Home() => Path.Combine(_directory["spool"], ".memory");

    private static SpoolOptions Options(string directory) => new() { Directory = directory };

    private SurvivingMemory Memory() => SurvivingMemory.Open(Options(_directory["spool"]), null, _log.Logger);

    private FrontBlocks Open() => FrontBlocks.Open(_memory, "sekoia", Bytes)!;

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

using System.Text;
using Concentrator.Queues;
using Concentrator.Queues.Blocks;
using Concentrator.Queues.Files;
using Concentrator.Tests.Queues.Segments;
using NUnit.Framework;

namespace Concentrator.Tests.Queues;

/// <summary>The names of what is sent: the same for the same messages, and never the same for others.</summary>
[TestFixture]
internal sealed class BlockIdentityTests
{
    [Test]
    public void What_is_taken_after_a_restart_has_the_names_that_it_had()
    {
        MemoryDirectory directory = new();
        BlockIdentity identity = new("log");
        string[] before;
        using (DiskQueueBench bench = new(directory))
        {
            bench.AppendToLog(12, length: 40);
            before = TakeAll(bench, identity, 12);
            Assert.That(before, Has.Length.EqualTo(12).And.Unique, "small blocks of the log are not gathered");
        }
        using DiskQueueBench again = new(directory, firstMessage: 12);
        Assert.That(TakeAll(again, new BlockIdentity("log"), 12), Is.EqualTo(before));
    }

    [Test]
    public void The_rest_of_a_block_has_the_name_that_it_had_as_a_part()
    {
        Block block = Frames(sequence: 100, "3 abc", "2 de", "4 fghi");
        BlockIdentity identity = new("log");
        string rest = identity.NameOf(block, 1, 2, block.Bytes.Span[5..]);
        block.DropFirst(1, 5);
        Assert.That(identity.NameOf(block, 0, 2, block.Bytes.Span), Is.EqualTo(rest));
        Assert.That(rest, Does.StartWith("log-65-2-"));
    }

    [Test]
    public void Messages_in_no_log_keep_the_name_that_they_are_sent_with_first()
    {
        BlockIdentity identity = new("log");
        Block first = Frames(sequence: 0, "3 abc", "2 de");
        Block second = Frames(sequence: 0, "3 abc", "2 de");
        string name = identity.NameOf(first, 0, 2, first.Bytes.Span);
        Assert.That(identity.NameOf(second, 0, 2, second.Bytes.Span), Is.Not.EqualTo(name), "the same bytes are other messages");
        Assert.That(identity.NameOf(first, 0, 2, first.Bytes.Span), Is.EqualTo(name));
        string rest = identity.NameOf(first, 1, 1, first.Bytes.Span[5..]);
        first.DropFirst(1, 5);
        Assert.That(identity.NameOf(first, 0, 1, first.Bytes.Span), Is.EqualTo(rest));
        Assert.That(new BlockIdentity("log").NameOf(Frames(sequence: 0, "2 de"), 0, 1, "2 de"u8), Is.Not.EqualTo(rest), "of another process");
    }

    [Test]
    public void Nothing_is_gathered_into_a_block_that_has_a_name()
    {
        BlockList list = default;
        Block sent = Frames(sequence: 0, "3 abc");
        list.Append(sent);
        Assert.That(list.TryGather(Frames(sequence: 0, "2 de")));
        new BlockIdentity("log").NameOf(sent, 0, 2, sent.Bytes.Span);
        Assert.That(list.TryGather(Frames(sequence: 0, "2 de")), Is.False);
    }

    [Test]
    public void Other_bytes_at_the_same_place_have_another_name()
    {
        BlockIdentity identity = new("log");
        Block one = Frames(sequence: 7, "3 abc"), other = Frames(sequence: 7, "3 abd");
        Assert.That(identity.NameOf(one, 0, 1, one.Bytes.Span), Is.Not.EqualTo(identity.NameOf(other, 0, 1, other.Bytes.Span)));
    }

    [Test]
    public void A_directory_keeps_its_identity_and_another_has_another()
    {
        MemoryDirectory directory = new();
        string identity = SpoolIdentityFile.ReadOrMake(directory);
        Assert.That(identity, Has.Length.EqualTo(16));
        Assert.That(SpoolIdentityFile.ReadOrMake(directory), Is.EqualTo(identity));
        Assert.That(SpoolIdentityFile.ReadOrMake(new MemoryDirectory()), Is.Not.EqualTo(identity));
    }

    [Test]
    public void A_damaged_identity_is_replaced()
    {
        MemoryDirectory directory = new();
        string identity = SpoolIdentityFile.ReadOrMake(directory);
        using (ISpoolFile file = directory.Open(SpoolIdentityFile.FileName, createNew: false, allocate: 0)) file.WriteAll("XY"u8, 3);
        string other = SpoolIdentityFile.ReadOrMake(directory);
        Assert.That(other, Is.Not.EqualTo(identity));
        Assert.That(SpoolIdentityFile.ReadOrMake(directory), Is.EqualTo(other));
    }

    private static Block Frames(long sequence, params string[] frames)
    {
        Block block = new(256);
        foreach (string frame in frames) Encoding.ASCII.GetBytes(frame, block.Extend(frame.Length));
        block.FirstSequence = sequence;
        return block;
    }

    private static string[] TakeAll(DiskQueueBench bench, BlockIdentity identity, int messages)
    {
        List<string> names = [];
        for (int taken = 0; taken < messages;)
        {
            Block block = bench.Take();
            names.Add(identity.NameOf(block, 0, block.Messages, block.Bytes.Span));
            taken += block.Messages;
        }
        return [.. names];
    }
}

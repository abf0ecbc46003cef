using System.Buffers.Text;
using System.Text;
using Concentrator.Targets.Relays.Relp;
using Concentrator.Tests.Equipment;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Targets.Relp;

internal sealed class RelpFrameWriterTests
{
    [Test]
    public void Messages_of_any_bytes_and_lengths_become_frames_in_their_order()
    {
        Gen<byte[]> message =
            from length in Gen.OneOf(Gen.Choose(0, 300), Gen.Choose(0, 300), Gen.Choose(RelpFrameWriter.Capacity - 60, RelpFrameWriter.Capacity + 10), Gen.Constant(200_000))
            from first in Gen.Choose(0, 255)
            select Enumerable.Range(first, length).Select(static i => (byte)i).ToArray();
        Prop.ForAll(message.ArrayOf().ArrayOf().ToArbitrary(), static blocks =>
        {
            RelpFrameWriter writer = new(new RelpWindow());
            List<byte> stream = [];
            foreach (byte[][] block in blocks) Write(writer, Block(block), stream);
            string[] slow = [.. new RelpFrames().Feed([.. stream]).Select(static f => $"{f.Transaction} {f.Command} {Convert.ToHexString(f.Data)}")];
            return slow.SequenceEqual(blocks.SelectMany(static b => b).Select(static (m, i) => $"{i + 2} syslog {Convert.ToHexString(m)}"));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    [TestCase("no count")]
    [TestCase("3 ab")]
    [TestCase("1234567890 a")]
    [TestCase("7")]
    [TestCase("2147483648 a")]
    public void What_is_not_octet_counted_goes_out_whole_as_one_message(string bytes)
    {
        List<byte> stream = [];
        Write(new RelpFrameWriter(new RelpWindow()), Encoding.ASCII.GetBytes($"1 x{bytes}"), stream);
        Assert.That(Encoding.ASCII.GetString([.. stream]), Is.EqualTo($"2 syslog 1 x\n3 syslog {bytes.Length} {bytes}\n"));
    }

    [Test]
    public void A_full_block_of_ordinary_messages_goes_out_in_one_piece()
    {
        RelpFrameWriter writer = new(new RelpWindow());
        ReadOnlyMemory<byte> block = Block([.. Enumerable.Repeat(NumberedMessage.HttpLog.Render(1).ToArray(), 319)]);
        Assert.That(block.Length, Is.InRange(Concentrator.Queues.Blocks.Block.Capacity * 0.98, Concentrator.Queues.Blocks.Block.Capacity));
        int pieces = 0;
        while (!writer.Next(ref block).IsEmpty) pieces++;
        Assert.That(pieces, Is.EqualTo(1));
    }

    [Test]
    public void In_the_steady_state_neither_writing_nor_answering_allocates()
    {
        RelpWindow window = new();
        RelpFrameWriter writer = new(window);
        byte[] block = Block([.. Enumerable.Repeat(NumberedMessage.HttpLog.Render(1).ToArray(), 200)]);
        RelpReader reader = new();
        int transaction = 1;
        int read = 0;
        long allocated = Allocation.InSteadyState(() =>
        {
            ReadOnlyMemory<byte> rest = block;
            while (!writer.Next(ref rest).IsEmpty)
            {
            }
            for (int i = 0; i < 200; i++)
            {
                reader.Add(WriteAnswer(reader.Room.Span, ++transaction));
                if (reader.TryRead(out RelpFrame frame) == RelpParse.Frame && frame.Status == 200 && window.TryAnswer(frame.Transaction)) read++;
            }
        });
        Assert.That(allocated, Is.Zero);
        Assert.That((read, window.Acknowledged), Is.EqualTo((35 * 200, 35L * 200)));
    }

    private static int WriteAnswer(Span<byte> room, int transaction)
    {
        Utf8Formatter.TryFormat(transaction, room, out int digits);
        " rsp 6 200 OK\n"u8.CopyTo(room[digits..]);
        return digits + " rsp 6 200 OK\n".Length;
    }

    private static void Write(RelpFrameWriter writer, ReadOnlyMemory<byte> block, List<byte> stream)
    {
        while (writer.Next(ref block) is { IsEmpty: false } piece)
        {
            Assert.That(piece.Length, Is.LessThanOrEqualTo(RelpFrameWriter.Capacity));
            stream.AddRange(piece.Span);
        }
    }

    private static byte[] Block(byte[][] messages) =>
        [.. messages.SelectMany(static m => (byte[])[.. Encoding.ASCII.GetBytes($"{m.Length} "), .. m])];
}

using System.Text;
using Concentrator.Targets.Relays.Connections;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Targets;

/// <summary>Blocks of octet-counted frames become lines: one LF a message, whatever is in it and however long it is.</summary>
internal sealed class LineFramesTests
{
    [Test]
    public void Each_message_is_a_line_and_an_LF_inside_is_escaped() =>
        Assert.That(Write(new LineFrames(), "5 <1>ab7 <1>\na\nb0 4 <1>z"u8.ToArray()), Is.EqualTo("<1>ab\n<1>#012a#012b\n\n<1>z\n"));

    [Test]
    public void Messages_of_any_size_come_out_whole_over_any_number_of_blocks()
    {
        Gen<string> message =
            from size in Gen.Elements(0, 1, 3, 100, LineFrames.Capacity - 4, LineFrames.Capacity - 1, LineFrames.Capacity, LineFrames.Capacity + 1, 200_000)
            from gap in Gen.Choose(1, 5000)
            select string.Concat(Enumerable.Range(0, size).Select(i => i % gap == gap - 1 ? '\n' : (char)('a' + i % 26)));
        Prop.ForAll(message.ListOf().ToArbitrary(), static messages =>
        {
            LineFrames lines = new();
            StringBuilder written = new();
            foreach (string one in messages) written.Append(Write(lines, Encoding.ASCII.GetBytes($"{one.Length} {one}")));
            string whole = Write(new LineFrames(), Encoding.ASCII.GetBytes(string.Concat(messages.Select(static one => $"{one.Length} {one}"))));
            string expected = string.Concat(messages.Select(static one => $"{one.Replace("\n", "#012", StringComparison.Ordinal)}\n"));
            return written.ToString() == expected && whole == expected;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));
    }

    private static string Write(LineFrames lines, byte[] bytes)
    {
        StringBuilder written = new();
        ReadOnlyMemory<byte> block = bytes;
        while (lines.Next(ref block) is { IsEmpty: false } piece) written.Append(Encoding.ASCII.GetString(piece.Span));
        Assert.That(block.IsEmpty);
        return written.ToString();
    }
}

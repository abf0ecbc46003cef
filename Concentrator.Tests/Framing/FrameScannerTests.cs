using System.Buffers;
using System.Text;
using Concentrator.Messages;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.FrameScanning;

/// <summary>The rules of framing, one by one, and random streams against <see cref="SlowFrames"/>.</summary>
internal sealed class FrameScannerTests
{
    private const int Small = 10;

    [TestCase(Framing.Lf, "a\nb\n", "a|b")]
    [TestCase(Framing.Lf, "a\r\nb\r\n", "a|b", TestName = "A_CR_before_the_LF_goes_with_it")]
    [TestCase(Framing.Lf, "a\r\r\nb", "a\r|b", TestName = "Only_one_CR_goes_with_the_LF")]
    [TestCase(Framing.Lf, "\n\n\r\na\n\n", "a", TestName = "Empty_lines_are_skipped")]
    [TestCase(Framing.Lf, "12 events dropped\nx\n", "12 events …|x", TestName = "A_line_may_look_like_an_octet_count")]
    [TestCase(Framing.Lf, "a\0b\n", "a\0b", TestName = "A_NUL_inside_a_line_is_data")]
    [TestCase(Framing.Lf, "0123456789\n0123456789\r\n", "0123456789|0123456789", TestName = "A_line_of_the_maximum_is_whole")]
    [TestCase(Framing.Lf, "0123456789a\n0123456789a\r\nb\n", "0123456789…|0123456789…|b", TestName = "A_line_over_the_maximum_is_cut_and_its_rest_skipped")]
    [TestCase(Framing.Lf, "0123456789\rabc", "0123456789…", TestName = "A_CR_at_the_maximum_without_LF_is_data")]
    [TestCase(Framing.Lf, "last", "last", TestName = "The_last_line_needs_no_end")]
    [TestCase(Framing.Nul, "a\n\0b\r\0\0c", "a\n|b\r|c", TestName = "NUL_framing_leaves_LF_and_CR_alone")]
    [TestCase(Framing.OctetCounted, "1 a2 b\n", "a|b\n", TestName = "Counted_frames_hold_what_was_counted")]
    [TestCase(Framing.OctetCounted, "0 1 a0 0 1 b00 ", "a|b", TestName = "Frames_of_length_zero_are_skipped")]
    [TestCase(Framing.OctetCounted, "1 a\n1 b\r\n\01 c\n", "a|b|c", TestName = "Terminators_between_counted_frames_are_skipped")]
    [TestCase(Framing.OctetCounted, "12 0123456789ab1 c", "0123456789…|c", TestName = "A_counted_frame_over_the_maximum_is_cut_and_its_rest_skipped")]
    [TestCase(Framing.OctetCounted, "5 ab", "ab…", TestName = "A_counted_frame_that_ends_early_is_delivered_as_cut")]
    [TestCase(Framing.OctetCounted, "5 ", "", TestName = "A_count_without_a_message_is_nothing")]
    [TestCase(Framing.OctetCounted, "12", "", TestName = "Half_a_count_is_nothing")]
    [TestCase(Framing.OctetCounted, "99999999 0123456789abc", "0123456789…", TestName = "The_largest_length_is_believed_but_never_held")]
    [TestCase(Framing.OctetCounted, "1 a100000000 b", "a|!", TestName = "Nine_digits_are_a_violation")]
    [TestCase(Framing.OctetCounted, "1 a00000000001 b", "a|!", TestName = "Leading_zeros_count_as_digits")]
    [TestCase(Framing.OctetCounted, "1 a<13>b", "a|!", TestName = "A_header_where_a_length_must_stand_is_a_violation")]
    [TestCase(Framing.OctetCounted, "1 a5<13>b", "a|!", TestName = "A_length_without_its_blank_is_a_violation")]
    [TestCase(Framing.OctetCounted, "1 a -1 b", "a|!", TestName = "A_blank_where_a_length_must_stand_is_a_violation")]
    [TestCase(Framing.OctetCounted, "1 a-1 b", "a|!", TestName = "A_negative_length_is_a_violation")]
    [TestCase(Framing.OctetCounted, "1 a+1 b", "a|!", TestName = "A_plus_is_a_violation")]
    [TestCase(Framing.Auto, "1 a1 b", "a|b", TestName = "Auto_takes_a_digit_for_a_count")]
    [TestCase(Framing.Auto, "<13>a\n1 b\n", "<13>a|1 b", TestName = "Auto_keeps_lines_for_the_whole_connection")]
    [TestCase(Framing.Auto, "1 a<13>b\n", "a|!", TestName = "Auto_keeps_counting_for_the_whole_connection")]
    [TestCase(Framing.Auto, "\n1 b\n", "1 b", TestName = "Auto_takes_an_empty_line_for_a_line")]
    [TestCase(Framing.Auto, "", "", TestName = "A_connection_that_sends_nothing_holds_nothing")]
    public void Frames(Framing framing, string stream, string expected)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(stream);
        string[] frames = expected.Length == 0 ? [] : expected.Split('|');
        Assert.That(FrameList.Of(framing, Small, [bytes]), Is.EqualTo(frames));
        Assert.That(FrameList.Of(framing, Small, bytes.Select(static b => new[] { b })), Is.EqualTo(frames), "byte by byte");
        Assert.That(FrameList.Of(framing, Small, [bytes], pieceSize: 1), Is.EqualTo(frames), "in pieces of one byte");
        Assert.That(SlowFrames.Of(framing, Small, bytes), Is.EqualTo(frames), "the reference agrees");
    }

    [Test]
    public void After_a_violation_nothing_is_found_any_more()
    {
        FrameScanner scanner = new(Framing.OctetCounted, Small);
        ReadOnlySequence<byte> buffer = new("x1 a1 b"u8.ToArray());
        for (int i = 0; i < 3; i++)
        {
            Assert.That(scanner.TryRead(ref buffer, out _, out _), Is.EqualTo(FrameStatus.Violation));
            buffer = new("1 a1 b"u8.ToArray());
        }
        buffer = default;
        Assert.That(scanner.TryRead(ref buffer, out _, out _), Is.EqualTo(FrameStatus.Violation));
        Assert.That(scanner.TryFinish(ref buffer, out _, out _), Is.False);
    }

    [TestCase(Framing.Lf, "")]
    [TestCase(Framing.OctetCounted, "99999999 ")]
    public void An_endless_message_is_never_held(Framing framing, string start)
    {
        FrameScanner scanner = new(framing, Small);
        byte[] held = Encoding.Latin1.GetBytes(start);
        int frames = 0;
        for (int i = 0; i < 10_000; i++)
        {
            held = [.. held, .. "abcdefg"u8];
            ReadOnlySequence<byte> buffer = new(held);
            while (scanner.TryRead(ref buffer, out _, out _) == FrameStatus.Frame)
                frames++;
            held = buffer.ToArray();
            Assert.That(held, Has.Length.LessThanOrEqualTo(Small + 9));
        }
        Assert.That(frames, Is.EqualTo(1));
    }

    [Test]
    public void A_message_size_below_one_is_refused() =>
        Assert.That(static () => new FrameScanner(Framing.Lf, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());

    [Test]
    public void Leading_empty_pieces_do_not_matter()
    {
        FrameScanner scanner = new(Framing.Auto, Small);
        ReadOnlySequence<byte> buffer = Sequences.Pieces("1 a1 b"u8.ToArray(), 2, emptyFirst: true);
        Assert.That(scanner.TryRead(ref buffer, out ReadOnlySequence<byte> frame, out _), Is.EqualTo(FrameStatus.Frame));
        Assert.That(frame.ToArray(), Is.EqualTo("a"u8.ToArray()));
    }

    [Test]
    public void Random_streams_in_random_chunks_hold_the_frames_that_the_obvious_scanner_finds()
    {
        // Bytes that matter to a scanner come often; so do well-formed counted frames.
        Gen<byte[]> noise = Gen.Elements("\n\r\0 0123456789<>ax"u8.ToArray()).ArrayOf();
        Gen<byte[]> counted = Gen.Choose(0, 25).Select(static n => Encoding.ASCII.GetBytes($"{n} {new string('m', n)}"));
        Gen<byte[]> line = Gen.Choose(0, 25).Select(static n => Encoding.ASCII.GetBytes(new string('l', n) + (n % 3 == 0 ? "\r\n" : "\n")));
        Gen<byte[]> stream = Gen.Frequency((2, noise), (5, counted), (5, line)).ArrayOf()
            .Select(static parts => parts.SelectMany(static p => p).ToArray());
        Gen<(Framing, byte[], int[], int)> cases =
            from framing in Gen.Elements(Framing.Auto, Framing.OctetCounted, Framing.Lf, Framing.Nul)
            from bytes in stream
            from sizes in Gen.Choose(1, 30).NonEmptyListOf()
            from piece in Gen.Elements(1, 2, 7, int.MaxValue)
            select (framing, bytes, sizes.ToArray(), piece);
        Prop.ForAll(cases.ToArbitrary(), static sample =>
        {
            (Framing framing, byte[] bytes, int[] sizes, int piece) = sample;
            List<string> found = FrameList.Of(framing, Small, Chunks(bytes, sizes), piece);
            return found.SequenceEqual(SlowFrames.Of(framing, Small, bytes)).Label(string.Join('|', found));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
    }

    private static IEnumerable<byte[]> Chunks(byte[] bytes, int[] sizes)
    {
        for (int start = 0, i = 0; start < bytes.Length; i++)
        {
            int end = Math.Min(bytes.Length, start + sizes[i % sizes.Length]);
            yield return bytes[start..end];
            start = end;
        }
    }
}

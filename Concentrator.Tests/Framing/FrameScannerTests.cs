using System.Buffers;
using System.Text;
using Concentrator.Messages.FrameScanning;
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
    [TestCase(Framing.Auto, "1 a1 b", "a|b", TestName = "Auto_takes_digits_and_a_blank_for_a_count")]
    [TestCase(Framing.Auto, "10.9:4 a\n10.9:4 b\n", "10.9:4 a|10.9:4 b", TestName = "Auto_takes_an_address_for_no_count")]
    [TestCase(Framing.Auto, "2026-11\n2026-12\n", "2026-11|2026-12", TestName = "Auto_takes_a_date_for_no_count")]
    [TestCase(Framing.Auto, "123456789 \n", "123456789 ", TestName = "Auto_takes_nine_digits_for_no_count")]
    [TestCase(Framing.Auto, "12", "12", TestName = "Digits_alone_are_a_line")]
    [TestCase(Framing.Auto, "<13>a\n1 b\n", "<13>a|1 b", TestName = "Auto_keeps_lines_for_the_whole_connection")]
    [TestCase(Framing.Auto, "1 a<13>b\n", "a|!", TestName = "Auto_keeps_counting_for_the_whole_connection")]
    [TestCase(Framing.Auto, "\n1 b\n", "1 b", TestName = "Auto_takes_an_empty_line_for_a_line")]
    [TestCase(Framing.Auto, "<1>a\0<2>b\0", "<1>a|<2>b", TestName = "Auto_reads_a_sender_that_ends_with_NUL")]
    [TestCase(Framing.Auto, "<1>a\n\0<2>b\n\0", "<1>a|<2>b", TestName = "Auto_reads_a_sender_that_ends_with_LF_NUL")]
    [TestCase(Framing.Auto, "<1>a\r\n<2>b\r\n", "<1>a|<2>b", TestName = "Auto_reads_a_sender_that_ends_with_CR_LF")]
    [TestCase(Framing.Auto, "<1>a\nb\0<2>c\nd\0", "<1>a\nb|<2>c\nd", TestName = "The_lines_of_a_NUL_senders_message_stay_together")]
    [TestCase(Framing.Auto, "<1>a\nb\n<2>c\nd\n", "<1>a|b|<2>c|d", TestName = "The_lines_of_a_LF_senders_message_are_messages")]
    [TestCase(Framing.Auto, "<1>a\nb\nc", "<1>a|b|c", TestName = "Lines_of_which_nothing_else_is_known_are_messages")]
    [TestCase(Framing.Auto, "<1>a\n<2>b\0c\n", "<1>a|<2>b\0c", TestName = "A_NUL_in_the_text_of_a_LF_sender_is_text")]
    [TestCase(Framing.Auto, "<1>a\0b\n<2>c\n<3>d\n", "<1>a|b|<2>c|<3>d", TestName = "A_NUL_in_a_LF_senders_first_message_glues_nothing")]
    [TestCase(Framing.Auto, "<1>a\n<2>b\0<3>c\0<4>d\0", "<1>a|<2>b|<3>c|<4>d", TestName = "LF_and_PRI_in_a_NUL_senders_first_message_glue_nothing")]
    [TestCase(Framing.Auto, "<1>a\0<2>b\n<3>c\n<4>d\n", "<1>a|<2>b|<3>c|<4>d", TestName = "NUL_and_PRI_in_a_LF_senders_first_message_glue_nothing")]
    [TestCase(Framing.Auto, "a\nb\0c\n<1>d\0", "a|b\0c|<1>d", TestName = "A_NUL_in_a_line_without_a_PRI_is_text")]
    [TestCase(Framing.Auto, "a\0<1>b\0<2>c\0", "a|<1>b|<2>c", TestName = "A_NUL_senders_first_message_needs_no_PRI")]
    [TestCase(Framing.Auto, "<1>a\nb\ncdefgh\n", "<1>a|b|cdefgh", TestName = "What_is_too_long_for_a_message_of_lines_is_lines")]
    [TestCase(Framing.Auto, "<1>a456789<2>b", "<1>a456789…|…<2>b", TestName = "What_cannot_be_parted_is_cut_and_the_rest_kept")]
    [TestCase(Framing.LfOrNul, "a\nb\0c", "a|b|c", TestName = "LF_and_NUL_both_end_messages")]
    [TestCase(Framing.LfOrNul, "<1>a\nb\0<2>c\n\0", "<1>a|b|<2>c", TestName = "Whatever_follows_them")]
    [TestCase(Framing.LfOrNul, "12 a\n", "12 a", TestName = "A_digit_does_not_count_where_LF_or_NUL_is_configured")]
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

    [TestCase(Framing.Lf, "", 1)]
    [TestCase(Framing.OctetCounted, "99999999 ", 1)]
    [TestCase(Framing.Auto, "<1>", 7000)]
    public void An_endless_message_is_never_held(Framing framing, string start, int pieces)
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
        Assert.That(frames, Is.EqualTo(pieces));
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
        Gen<byte[]> message =
            from text in Gen.Elements("a", "a\nb", "a\0b", "", "abcdefghijklmnop", "a\n<1>", "a\0<1>b", "<", "abcde\r")
            from end in Gen.Frequency((4, Gen.Constant("\n")), (4, Gen.Constant("\0")), (3, Gen.Constant("\n\0")), (1, Gen.Elements("", "\r\n")))
            select Encoding.ASCII.GetBytes($"<13>{text}{end}");
        Gen<byte[]> stream = Gen.Frequency((2, noise), (5, counted), (5, line), (8, message)).ArrayOf()
            .Select(static parts => parts.SelectMany(static p => p).ToArray());
        Gen<(Framing, byte[], int[], int)> cases =
            from framing in Gen.Elements(Framing.Auto, Framing.Auto, Framing.Auto, Framing.OctetCounted, Framing.Lf, Framing.Nul, Framing.LfOrNul)
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

    [TestCase("<1>a\n", "<2>b\n", "<1>a|<2>b", TestName = "A_line_does_not_wait_for_the_next_one")]
    [TestCase("<1>a\n", "b\n", "<1>a|b", TestName = "Nor_for_its_second_line")]
    [TestCase("<1>a\nb", "c\0", "<1>a|bc", TestName = "A_first_message_that_comes_in_pieces_is_read_as_lines")]
    [TestCase("<1>a\0<2>b\nc", "d\0", "<1>a|<2>b\ncd", TestName = "A_known_NUL_sender_may_pause_in_a_message")]
    public void Pauses(string before, string after, string expected)
    {
        byte[][] chunks = [Encoding.Latin1.GetBytes(before), Encoding.Latin1.GetBytes(after)];
        Assert.That(FrameList.Of(Framing.Auto, Small, chunks, pauses: true), Is.EqualTo(expected.Split('|')));
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

using System.Text;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Parsing;

internal sealed class SyslogParserProperties
{
    private const int Many = 20_000;

    [Test]
    public void Any_frame_under_any_hint_gives_what_the_obvious_parser_gives()
    {
        Gen<(byte[], HeaderFormat)> cases = from frame in Frames.All from hint in Frames.Hints select (frame, hint);
        Prop.ForAll(cases.ToArbitrary(), static sample =>
        {
            (byte[] frame, HeaderFormat hint) = sample;
            SyslogParser.Parse(frame, hint, out SyslogMessage message);
            Fields found = new(message);
            bool isMalformed = message.IsMalformed;
            (Fields fields, bool expected) = SlowParser.Parse(frame, hint);
            return (found == fields && isMalformed == expected)
                .Label($"{Encoding.Latin1.GetString(frame)}\nfound    {found} {isMalformed}\nexpected {fields} {expected}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Many));
    }

    [Test]
    public void The_corpus_gives_what_the_obvious_parser_gives_under_every_hint()
    {
        foreach (CorpusMessage sample in Corpus.Messages)
        {
            foreach (HeaderFormat hint in Enum.GetValues<HeaderFormat>())
            {
                SyslogParser.Parse(sample.Frame, hint, out SyslogMessage message);
                (Fields fields, bool isMalformed) = SlowParser.Parse(sample.Frame, hint);
                Assert.That((new Fields(message), message.IsMalformed), Is.EqualTo((fields, isMalformed)), $"{sample.Id} {hint}");
            }
        }
    }

    [Test]
    public void A_message_is_plain_exactly_if_nothing_in_it_has_to_be_escaped_or_replaced()
    {
        Gen<(byte[], HeaderFormat)> cases = from frame in Frames.All from hint in Frames.Hints select (frame, hint);
        Prop.ForAll(cases.ToArbitrary(), static sample =>
        {
            SyslogParser.Parse(sample.Item1, sample.Item2, out SyslogMessage message);
            bool holdsControl = message.Frame.ContainsAnyInRange((byte)0, (byte)31) || message.Frame.Contains((byte)127);
            bool hasBlank = message.HostName.Contains((byte)' ') || message.AppName.Contains((byte)' ')
                || message.ProcId.Contains((byte)' ') || message.MsgId.Contains((byte)' ');

            // A tag that might have held a blank is looked at again, which costs no more than time.
            return (message.IsPlain ? !holdsControl && !hasBlank : holdsControl || hasBlank || message.Version == 0)
                .Label($"{Encoding.Latin1.GetString(sample.Item1)} {sample.Item2} plain: {message.IsPlain}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Many));
    }

    [Test]
    public void Nothing_of_a_frame_is_lost()
    {
        Gen<(byte[], HeaderFormat)> cases = from frame in Frames.All from hint in Frames.Hints select (frame, hint);
        Prop.ForAll(cases.ToArbitrary(), static sample =>
        {
            (byte[] frame, HeaderFormat hint) = sample;
            SyslogParser.Parse(frame, hint, out SyslogMessage message);
            bool isWhole = message.Frame.SequenceEqual(frame.AsSpan(0, frame.Length - (frame.AsSpan().EndsWith("\n"u8) ? 1 : 0)));
            // The text is the end of the frame, and what is before it is header: it holds every field.
            string header = Encoding.Latin1.GetString(message.Frame[..^message.Text.Length]);
            Fields fields = new(message);
            return isWhole && message.Frame.EndsWith(message.Text)
                && new[] { fields.Timestamp, fields.HostName, fields.AppName, fields.ProcId, fields.MsgId, fields.StructuredData }
                    .All(field => header.Contains(field, StringComparison.Ordinal))
                && header.Length <= 60 + fields.Timestamp.Length + fields.HostName.Length + fields.AppName.Length + fields.ProcId.Length
                    + fields.MsgId.Length + fields.StructuredData.Length;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(Many));
    }
}

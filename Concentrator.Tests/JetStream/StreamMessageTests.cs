using System.Text;
using Concentrator.JetStream;
using FsCheck;
using FsCheck.Fluent;
using NATS.Client.Core;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>What anybody may have written into a stream, and what JetStream answers: read without trust.</summary>
[TestFixture]
internal sealed class StreamMessageTests
{
    [Test]
    public void Whatever_a_block_holds_it_is_taken_whole_or_not_at_all() => Prop.ForAll(
        Arb.From(Gen.Elements("0123456789 abc\n".ToCharArray()).ArrayOf(24)),
        static characters =>
        {
            byte[] bytes = Encoding.ASCII.GetBytes(characters);
            int frames = 0, used = 0;
            ReadOnlySpan<byte> rest = bytes;
            while (StreamMessage.TryTake(ref rest, out ReadOnlySpan<byte> message))
            {
                frames++;
                used = bytes.Length - rest.Length;
                if (message.Length > used) return false;
            }
            MessageContent content = StreamMessage.Look(Headers("1", frames), bytes);
            return (content == MessageContent.Block) == (rest.IsEmpty && frames > 0);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2_000));

    [TestCase("1", 1, "3 abc", MessageContent.Block)]
    [TestCase("1", 2, "3 abc0 ", MessageContent.Block)]
    [TestCase("1", 2, "3 abc", MessageContent.Broken)]
    [TestCase("1", 0, "", MessageContent.Broken)]
    [TestCase("1", 1, "999999999 a", MessageContent.Broken)]
    [TestCase("1", 1, "9999999999 a", MessageContent.Broken)]
    [TestCase("2", 1, "3 abc", MessageContent.Newer)]
    [TestCase("", 1, "3 abc", MessageContent.Broken)]
    [TestCase("-1", 1, "3 abc", MessageContent.Broken)]
    public void A_block_is_what_its_headers_say(string version, int count, string payload, object expected) =>
        Assert.That(StreamMessage.Look(Headers(version, count), Encoding.ASCII.GetBytes(payload)), Is.EqualTo(expected));

    [Test]
    public void Without_our_header_it_is_one_message() => Assert.That(StreamMessage.Look(null, "3 abc"u8), Is.EqualTo(MessageContent.Message));

    [TestCase("$JS.ACK.LOGS.relays.3.17.20.1700000000000000000.5", 3, 17)]
    [TestCase("$JS.ACK.hub.ACCHASH.LOGS.relays.2.18.20.1700000000000000000.5.rnd", 2, 18)]
    [TestCase("$JS.ACK.hub.ACCHASH.LOGS.relays.2.18.20.1700000000000000000.5", 2, 18)]
    [TestCase("_INBOX.a.b", 1, 0)]
    [TestCase("", 1, 0)]
    public void A_reply_subject_says_how_often_and_which(string reply, long times, long sequence) =>
        Assert.That((StreamMessage.TimesDelivered(reply), StreamMessage.SequenceOf(reply)), Is.EqualTo((times, sequence)));

    [TestCase("""{"stream":"LOGS","seq":1}""", true, false, 0)]
    [TestCase("""{"stream":"LOGS","seq":2,"duplicate": true}""", true, true, 0)]
    [TestCase("""{"error":{"code":503,"err_code":10077,"description":"maximum bytes exceeded"},"stream":"LOGS","seq":0}""", false, false, 10077)]
    [TestCase("""{"stream":"LOGS","seq":0}""", false, false, 0)]
    [TestCase("""{}""", false, false, 0)]
    [TestCase("""[]""", false, false, 0)]
    [TestCase("""{"stream":1,"seq":"x"}""", false, false, 0)]
    [TestCase("+OK", false, false, 0)]
    [TestCase("", false, false, 0)]
    public void Only_an_answer_of_a_stream_is_an_acknowledgement(string answer, bool isStored, bool isDuplicate, int number)
    {
        PublishAnswer read = PublishAnswer.Read(Encoding.UTF8.GetBytes(answer));
        Assert.That((read.IsStored, read.IsDuplicate, read.Error?.Number ?? 0, read.Error is null), Is.EqualTo((isStored, isDuplicate, number, isStored)));
    }

    private static NatsHeaders Headers(string version, int count) => new() { { BlockHeaders.Version, version }, { BlockHeaders.Count, count.ToString(System.Globalization.CultureInfo.InvariantCulture) } };
}

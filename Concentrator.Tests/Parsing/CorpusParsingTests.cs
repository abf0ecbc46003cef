using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using NUnit.Framework;

namespace Concentrator.Tests.Parsing;

/// <summary>Every corpus message gives its fields, with its own format as the hint and without any hint.</summary>
internal sealed class CorpusParsingTests
{
    [Test]
    public void The_corpus_is_whole() => Assert.That(Corpus.Messages, Has.Count.EqualTo(711));

    [TestCaseSource(typeof(Corpus), nameof(Corpus.Messages))]
    public void A_message_gives_its_fields_under_its_own_format(CorpusMessage sample)
    {
        SyslogParser.Parse(sample.Frame, sample.Hint, out SyslogMessage message);
        Assert.That(new Fields(message), Is.EqualTo(sample.Expected));
        // The entries of format "auto" say nothing of malformation; fragments of a message may well be malformed.
        if (sample.IsMalformed || (sample.Format != "auto" && !sample.IsFragment))
            Assert.That(message.IsMalformed, Is.EqualTo(sample.IsMalformed));
    }

    [TestCaseSource(typeof(Corpus), nameof(Corpus.Messages))]
    public void A_message_gives_what_can_be_known_without_a_hint(CorpusMessage sample)
    {
        SyslogParser.Parse(sample.Frame, HeaderFormat.Auto, out SyslogMessage message);
        Assert.That(new Fields(message), Is.EqualTo(sample.ExpectedInAuto));
        if (sample.IsMalformed || !message.HasPri)
            Assert.That(message.IsMalformed);
    }
}

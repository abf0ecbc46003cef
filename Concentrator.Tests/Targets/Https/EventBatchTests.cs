using System.Text;
using Concentrator.Targets.Relays.Connections;
using Concentrator.Targets.Relays.Https;
using NUnit.Framework;

namespace Concentrator.Tests.Targets.Https;

/// <summary>Events, their lines and their positions stay together, however often a batch is halved.</summary>
internal sealed class EventBatchTests
{
    private static readonly IntakeKey Key = new([], null, "");

    [Test]
    public void Halves_of_halves_have_every_event_with_its_position()
    {
        EventBatch whole = new(Key, null, null, 0);
        for (int i = 0; i < 101; i++) whole.Add(Encoding.ASCII.GetBytes($"event {i * 3}{new string('\n', i % 4)}"), i * 3 + (i > 50 ? 1000 : 0));
        List<EventBatch> parts = [whole];
        while (parts.Find(static part => part.Events > 1) is { } large) parts.Add(large.SplitOff());
        Assert.That(parts, Has.Count.EqualTo(101));
        foreach (EventBatch part in parts)
        {
            int i = (int)(part.PositionOf(0) % 1000) / 3;
            Assert.That(Encoding.ASCII.GetString(part.Body.Span), Is.EqualTo($"event {i * 3}{string.Concat(Enumerable.Repeat("#012", i % 4))}"));
            part.Release();
        }
    }

    [Test]
    public void All_its_positions_are_answered_at_once()
    {
        AnsweredMessages messages = new(640);
        EventBatch even = new(Key, null, null, 0), odd = new(Key, null, null, 0);
        for (int i = 0; i < 100; i++) (i % 2 == 0 ? even : odd).Add("x"u8, messages.Open());
        odd.AnswerAll(messages);
        Assert.That((messages.Acknowledged, messages.IsAnswered(99), messages.IsAnswered(98)), Is.EqualTo((0L, true, false)));
        even.AnswerAll(messages);
        Assert.That((messages.Acknowledged, messages.InFlight), Is.EqualTo((100L, 0L)));
    }

    [TestCase("""{"event_ids":["a","b","c"]}""", 3, "")]
    [TestCase("""  { "x": [1,{"event_ids":3}], "event_ids" : ["a", {"event_id":"b"}, {"event_id":"c","status":202}], "y": null }  """, 3, "")]
    [TestCase("""{"event_ids":["a",{"status":413},{"status_code":400,"error":{"deep":[]}}]}""", 3, "1 2")]
    public void Answers_that_name_every_event_are_read(string body, int events, string refused)
    {
        IntakeAnswer answer = AnswerBody.Read(Encoding.UTF8.GetBytes(body), events);
        Assert.That((answer.Kind, string.Join(' ', answer.Refused.Select(static r => r.Event))), Is.EqualTo((AnswerKind.Taken, refused)));
    }

    [TestCase("""{"event_ids":["a","b"]}""")]
    [TestCase("""{"event_ids":["a","b","c","d"]}""")]
    [TestCase("""{"event_ids":["a","b","c"],"event_ids":["a","b","c"]}""")]
    [TestCase("""{"event_ids":["a","b",null]}""")]
    [TestCase("""{"event_ids":["a","b",3]}""")]
    [TestCase("""{"event_ids":["a","b",["c"]]}""")]
    [TestCase("""{"event_ids":["a","b",{}]}""")]
    [TestCase("""{"event_ids":["a","b",{"status":"413"}]}""")]
    [TestCase("""{"event_ids":["a","b",{"status":401}]}""")]
    [TestCase("""{"event_ids":["a","b",{"status":99999999999}]}""")]
    [TestCase("""{"event_ids":{"a":1,"b":2,"c":3}}""")]
    [TestCase("""{"event_ids":3}""")]
    [TestCase("""["a","b","c"]""")]
    [TestCase("""{"event_ids":["a","b","c"]} and more""")]
    [TestCase("")]
    [TestCase("null")]
    public void Any_other_body_is_no_answer(string body) =>
        Assert.That(AnswerBody.Read(Encoding.UTF8.GetBytes(body), 3).Kind, Is.EqualTo(AnswerKind.None));

    [Test]
    public void A_body_that_is_cut_anywhere_is_no_answer()
    {
        byte[] whole = Encoding.UTF8.GetBytes("""{"event_ids":["a",{"status":413},"c"],"x":{"y":[true]}}""");
        for (int length = 0; length < whole.Length; length++) Assert.That(AnswerBody.Read(whole.AsSpan(0, length), 3).Kind, Is.EqualTo(AnswerKind.None), $"{length}");
        Assert.That(AnswerBody.Read(whole, 3).Kind, Is.EqualTo(AnswerKind.Taken));
    }
}

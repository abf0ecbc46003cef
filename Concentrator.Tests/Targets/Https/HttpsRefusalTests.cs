using Concentrator.Accounting;
using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays;
using Concentrator.Tests.Equipment;
using NUnit.Framework;
using static Concentrator.Tests.Targets.Https.HttpsBench;

namespace Concentrator.Tests.Targets.Https;

/// <summary>What the HTTPS intake refuses, and what it only does not take now.</summary>
[Parallelizable]
internal sealed class HttpsRefusalTests
{
    [TestCase(413)]
    [TestCase(400)]
    [TestCase(422)]
    public async Task A_single_event_that_is_refused_is_dropped_and_counted_and_all_others_arrive_once(int status)
    {
        using SekoiaHttpsIntake intake = new() { StatusOf = text => text is "seq=0" or "seq=41" or "seq=42" or "seq=99" ? status : null };
        using TargetBench bench = TargetBench.Relay(Output(intake.Port));
        for (int i = 0; i < 100; i++) bench.SendFrame(Frame($"seq={i}"));
        Eventually.Holds(() => bench.Ledger is { Queued: 0 }, "all are settled", detail: () => $"{bench.Ledger}\n{bench.Log}");
        Assert.That((bench.Ledger.Delivered, bench.Ledger.Dropped[(int)DropReason.Refused], bench.Ledger.Balances), Is.EqualTo((96L, 4L, true)));
        await bench.StopAsync();
        Assert.That((intake.Sequence.Distinct, intake.Sequence.Duplicates), Is.EqualTo((96, 0)));
        Assert.That(bench.Log.Has($"the intake answers with status {status} for it; dropped"), bench.Log.ToString());
    }

    [Test]
    public async Task A_batch_that_is_too_large_is_halved_until_it_is_not_and_the_next_ones_are_smaller()
    {
        using SekoiaHttpsIntake intake = new() { LongestBody = 200_000 };
        using TargetBench bench = TargetBench.Relay(Output(intake.Port, new HttpsIntakeOptions { BatchEvents = 10_000, Requests = 1, BatchAge = TimeSpan.FromSeconds(0.2) }));
        string padding = new('x', 1000);
        for (int i = 0; i < 3_000; i++) bench.SendFrame(Frame($"{padding} seq={i}"));
        bench.WaitForDelivered(3_000);
        await bench.StopAsync();
        intake.Sequence.AssertComplete(3_000);
        Assert.That(intake.Requests.Count(static r => r.BodyBytes > 200_000), Is.InRange(1, 14), "the first two and their halves, down to a size that is not");
    }

    [Test]
    public async Task An_event_that_is_too_large_even_alone_is_refused()
    {
        using SekoiaHttpsIntake intake = new() { LongestBody = 50_000 };
        using TargetBench bench = TargetBench.Relay(Output(intake.Port));
        for (int i = 0; i < 20; i++) bench.SendFrame(Frame(i == 13 ? new string('y', 60_000) : $"seq={i}"));
        Eventually.Holds(() => bench.Ledger is { Queued: 0 }, "all are settled", detail: () => $"{bench.Ledger}\n{bench.Log}");
        await bench.StopAsync();
        Assert.That((bench.Ledger.Delivered, bench.Ledger.Dropped[(int)DropReason.Refused], intake.Sequence.Duplicates), Is.EqualTo((19L, 1L, 0)), bench.Log.ToString());
        Assert.That(bench.Log.Has("the intake answers 413 Payload Too Large"), bench.Log.ToString());
    }

    [TestCase(401)]
    [TestCase(403)]
    public async Task A_key_that_is_not_accepted_keeps_everything_and_names_its_place_and_those_of_other_keys_arrive_once(int status)
    {
        bool isWrong = true;
        using SekoiaHttpsIntake intake = new();
        intake.Reply = request => Volatile.Read(ref isWrong) && request.Key == Key ? new IntakeReply(status, "{\"error\":\"who are\nyou\"}") : null;
        using TargetBench bench = TargetBench.Relay(Output(intake.Port, null, null, Key, Other));
        for (int i = 0; i < 100; i++) bench.SendFrame(Frame($"seq={i}", i % 2 == 0 ? Key : Other));
        Eventually.Holds(() => bench.Log.Has($"the intake answers {status}"), "it is said", detail: bench.Log.ToString);
        Assert.That(bench.Log.Has("'{\"error\":\"who are you\"}'; check the intake key, which is that of place of First"), bench.Log.ToString());
        Eventually.Holds(() => intake.Requests.Count(static r => r.Key == Key) > 4, "it is tried again", detail: bench.Log.ToString);
        Assert.That((bench.Ledger.Delivered, bench.Ledger.Queued, bench.Ledger.Dropped.Sum()), Is.EqualTo((0L, 100L, 0L)));
        Volatile.Write(ref isWrong, false);
        bench.WaitForDelivered(100);
        await bench.StopAsync();
        intake.Sequence.AssertComplete(100);
        Assert.That(bench.Log.Has("to find the one that is refused"), Is.False, "no search");
    }

    [Test]
    public async Task A_key_that_was_replaced_is_replaced_in_what_is_queued()
    {
        using SekoiaHttpsIntake intake = new() { Keys = [Other] };
        using TargetBench bench = TargetBench.Relay(Output(intake.Port, null, null, Other));
        bench.SendFrame(Frame("seq=0", Key));
        bench.SendFrame(Frame("seq=1", Other));
        bench.WaitForDelivered(2);
        await bench.StopAsync();
        Assert.That(intake.Events.Select(static e => e.Key), Is.All.EqualTo(Other));
    }

    [TestCase(429)]
    [TestCase(500)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(504)]
    [TestCase(404)]
    [TestCase(308)]
    public async Task An_intake_that_takes_nothing_now_is_asked_again_and_nothing_comes_twice(int status)
    {
        int left = 3;
        using SekoiaHttpsIntake intake = new();
        intake.Reply = _ => Interlocked.Decrement(ref left) >= 0 ? new IntakeReply(status, "not now") : null;
        using TargetBench bench = TargetBench.Relay(Output(intake.Port, new HttpsIntakeOptions { BatchEvents = 10, BatchAge = TimeSpan.FromSeconds(0.05) }));
        for (int i = 0; i < 200; i++) bench.SendFrame(Frame($"seq={i}"));
        bench.WaitForDelivered(200);
        await bench.StopAsync();
        intake.Sequence.AssertComplete(200);
        Assert.That(bench.Log.Has($"takes no messages now: the intake answers {status}"), bench.Log.ToString());
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task What_the_intake_asks_to_wait_is_waited(bool asDate)
    {
        List<DateTime> at = [];
        using SekoiaHttpsIntake intake = new();
        intake.Reply = _ =>
        {
            at.Add(DateTime.UtcNow);
            return at.Count == 1 ? new IntakeReply(429) { RetryAfter = asDate ? DateTime.UtcNow.AddSeconds(4).ToString("R") : "3" } : null;
        };
        using TargetBench bench = TargetBench.Relay(Output(intake.Port));
        bench.SendFrame(Frame("seq=0"));
        bench.WaitForDelivered(1);
        await bench.StopAsync();
        Assert.That((at[1] - at[0]).TotalSeconds, Is.GreaterThan(2.9));
    }

    private static IEnumerable<TestCaseData> NoAnswers()
    {
        static TestCaseData Case(string name, IntakeReply reply, string says) => new TestCaseData(reply, says).SetArgDisplayNames(name);

        yield return Case("another number", new IntakeReply(200, """{"event_ids":["a","b"]}""") { Takes = true }, "it names 2 events, and 3 were sent");
        yield return Case("no JSON", new IntakeReply(200, "<html>welcome to the hotel</html>"), "its body is not JSON, or is cut");
        yield return Case("nothing", new IntakeReply(200), "its body is not JSON, or is cut");
        yield return Case("no ids", new IntakeReply(200, """{"ok":true}"""), "its body has no event_ids");
        yield return Case("empty ids", new IntakeReply(200, """{"event_ids":["a","","c"]}"""), "it does not say of each event whether it was taken");
        yield return Case("unclear", new IntakeReply(200, """{"event_ids":["a",{"status":503},"c"]}"""), "it does not say of each event whether it was taken");
        yield return Case("too long", new IntakeReply(200, $"{{\"event_ids\":[\"{new string('x', 100_000)}\",\"b\",\"c\"]}}"), "it is longer than");
        yield return Case("cut", new IntakeReply(200, """{"event_ids":["a","b","c"]}""") { CutAt = 12, Takes = true }, "no complete answer");
        yield return Case("cut at once", new IntakeReply(200, """{"event_ids":["a","b","c"]}""") { CutAt = 0, Takes = true }, "no complete answer");
    }

    [TestCaseSource(nameof(NoAnswers))]
    public async Task An_answer_that_is_none_is_said_and_its_events_are_sent_again(IntakeReply reply, string says)
    {
        int left = 1;
        using SekoiaHttpsIntake intake = new();
        intake.Reply = _ => Interlocked.Decrement(ref left) >= 0 ? reply : null;
        using TargetBench bench = TargetBench.Relay(Output(intake.Port));
        for (int i = 0; i < 3; i++) bench.SendFrame(Frame($"seq={i}"));
        Eventually.Holds(() => bench.Log.Has(says), says, detail: bench.Log.ToString);
        bench.WaitForDelivered(3);
        await bench.StopAsync();
        intake.Sequence.AssertNothingMissing(3);
        Assert.That(intake.Sequence.Duplicates, Is.EqualTo(reply.Takes ? 3 : 0));
    }

    [Test]
    public async Task A_message_over_which_every_request_fails_is_found_and_refused_and_all_others_arrive()
    {
        using SekoiaHttpsIntake intake = new();
        intake.Reply = static request => request.Events.Any(static e => e.AsSpan().SequenceEqual("seq=17"u8)) ? new IntakeReply(400, "not UTF-8") : null;
        using TargetBench bench = TargetBench.Relay(Output(intake.Port));
        for (int i = 0; i < 40; i++) bench.SendFrame(Frame($"seq={i}"));
        Eventually.Holds(() => bench.Ledger is { Queued: 0 }, "all are settled", Deadline.Transfer, () => $"{bench.Ledger}\n{bench.Log}");
        await bench.StopAsync();
        Assert.That((bench.Ledger.Delivered, bench.Ledger.Dropped[(int)DropReason.Refused], bench.Ledger.Balances), Is.EqualTo((39L, 1L, true)), bench.Log.ToString());
        Assert.That(intake.Sequence.Missing(40), Is.EqualTo(new[] { 17 }));
    }

    [Test]
    public async Task No_message_is_refused_because_of_an_intake_that_is_not_well_while_that_of_another_key_is()
    {
        using SekoiaHttpsIntake intake = new();
        intake.Reply = static request => request.Key == Key ? new IntakeReply(400, "no") : null;
        using TargetBench bench = TargetBench.Relay(Output(intake.Port, null, null, Key, Other));
        for (int i = 0; i < 10; i++) bench.SendFrame(Frame($"seq={i}", i % 2 == 0 ? Key : Other));
        Eventually.Holds(() => bench.Log.Has("to find the one that is refused"), "a search", Deadline.Transfer, bench.Log.ToString);
        Thread.Sleep(6000);
        Assert.That((bench.Ledger.Delivered, bench.Ledger.Queued, bench.Ledger.Dropped.Sum()), Is.EqualTo((0L, 10L, 0L)), bench.Log.ToString());
        intake.Reply = null;
        bench.WaitForDelivered(10);
        await bench.StopAsync();
        intake.Sequence.AssertNothingMissing(10);
    }

    [Test]
    public async Task An_outage_loses_nothing_and_only_requests_without_an_answer_come_twice()
    {
        using SekoiaHttpsIntake intake = new(keeps: false);
        using TargetBench bench = TargetBench.Relay(
            Output(intake.Port, new HttpsIntakeOptions { BatchEvents = 50, BatchAge = TimeSpan.FromSeconds(0.05) }), new RelayDeadlines { Acknowledge = TimeSpan.FromSeconds(5) });
        Task sending = Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                bench.SendFrame(Frame($"{new string('x', 200)} seq={i:D7}"));
                if (i % 40 == 0) Thread.Sleep(4);
            }
        });
        for (int outage = 0; outage < 5 && !sending.IsCompleted; outage++)
        {
            Thread.Sleep(150);
            intake.Refuse();
            Thread.Sleep(100);
            intake.Listen();
            int before = intake.Sequence.Distinct;
            Eventually.Holds(() => intake.Sequence.Distinct > before || bench.Ledger.Queued == 0, "the relay comes back", detail: bench.Log.ToString);
        }
        await sending;
        Eventually.Holds(() => bench.Ledger.Delivered == 20_000, "all delivered", Deadline.Transfer, () => $"{bench.Ledger}\n{bench.Log}");
        await bench.StopAsync();
        intake.Sequence.AssertNothingMissing(20_000);
        Assert.That(intake.Sequence.Duplicates, Is.LessThanOrEqualTo(5 * 4 * 50), "four requests of 50 at each outage");
        TestContext.Out.WriteLine($"{intake.Sequence}; {bench.Ledger}");
    }
}

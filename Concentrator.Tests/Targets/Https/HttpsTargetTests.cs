using Concentrator.Configuration.Options;
using Concentrator.Targets.Relays;
using Concentrator.Tests.Equipment;
using NUnit.Framework;
using static Concentrator.Tests.Targets.Https.HttpsBench;

namespace Concentrator.Tests.Targets.Https;

/// <summary>The relay's loop against an HTTPS intake that is well.</summary>
[Parallelizable]
internal sealed class HttpsTargetTests
{
    [TestCase(false)]
    [TestCase(true)]
    public async Task Every_message_arrives_once_as_one_event_with_its_key_and_time(bool secure)
    {
        using TempDirectory directory = new();
        using SekoiaHttpsIntake intake = new(secure ? TestCertificates.Server : null);
        string? authorities = secure ? TestCertificates.Authority.WritePem(directory.Path, "ca.pem") : null;
        using TargetBench bench = TargetBench.Relay(Output(intake.Port, caFile: authorities));
        string[] texts = [.. Enumerable.Range(0, 5_000).Select(static i => $"seq={i} é {new string('x', i % 300)}")];
        foreach (string text in texts) bench.SendFrame(Frame(text));
        bench.WaitForDelivered(texts.Length);
        await bench.StopAsync();
        Assert.That(intake.Events.Select(static e => e.Text), Is.EquivalentTo(texts));
        Assert.That(intake.Events.Select(static e => e.Key).Distinct(), Is.EqualTo(new[] { Key }));
        Assert.That(intake.Requests.Select(static r => r.Time).Distinct(), Is.EqualTo(new[] { "2026-11-22T05:38:11.000000+00:00" }));
        Assert.That(intake.Requests.Select(static r => r.Encoding).Distinct(), Is.EqualTo(new[] { "gzip" }));
        Assert.That(intake.Requests.Select(static r => r.Events.Count).Max(), Is.EqualTo(1000), "the most of one request");
        Assert.That((bench.Ledger.Balances, bench.Ledger.Queued), Is.EqualTo((true, 0L)));
        Assert.That(bench.Log.Has($"over HTTPS over {(secure ? "TLS 1.3" : "plain TCP")}"), bench.Log.ToString());
    }

    [Test]
    public async Task One_request_at_a_time_keeps_the_order()
    {
        using SekoiaHttpsIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Output(intake.Port, new HttpsIntakeOptions { Requests = 1, BatchEvents = 7, BatchAge = TimeSpan.FromSeconds(0.05) }));
        for (int i = 0; i < 500; i++) bench.SendFrame(Frame($"seq={i}"));
        bench.WaitForDelivered(500);
        await bench.StopAsync();
        Assert.That(intake.Events.Select(static e => e.Text), Is.EqualTo(Enumerable.Range(0, 500).Select(static i => $"seq={i}")));
    }

    [Test]
    public async Task Each_request_has_one_key_and_times_that_lie_within_its_age()
    {
        using SekoiaHttpsIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Output(intake.Port, new HttpsIntakeOptions { BatchAge = TimeSpan.FromSeconds(5), Gzip = false }, null, Key, Other));
        for (int i = 0; i < 300; i++) bench.SendFrame(Frame($"seq={i}", i % 3 == 0 ? Other : Key, second: i / 10.0));
        await bench.StopAsync();
        Assert.That(bench.Ledger.Delivered, Is.EqualTo(300), bench.Log.ToString());
        Assert.That(intake.Events.Count(static e => e.Key == Other), Is.EqualTo(100));
        Assert.That(intake.Events.Where(static e => e.Key == Other).Select(static e => int.Parse(e.Text[4..]) % 3), Is.All.Zero);
        Assert.That(intake.Requests, Has.Count.InRange(10, 16), "30 s of two keys, 5 or 6 s in each request");
        Assert.That(intake.Requests.Select(static r => r.Encoding), Is.All.Null);
        foreach (IntakeRequest request in intake.Requests)
        {
            double first = (DateTimeOffset.Parse(request.Time!) - new DateTimeOffset(2026, 11, 22, 5, 38, 11, TimeSpan.Zero)).TotalSeconds;
            int[] numbers = [.. request.Events.Select(static e => int.Parse(System.Text.Encoding.ASCII.GetString(e)[4..]))];
            Assert.That(numbers[0] / 10.0, Is.EqualTo(first).Within(0.001));
            Assert.That(numbers[^1] / 10.0 - first, Is.LessThan(6.01));
        }
    }

    [Test]
    public async Task A_line_feed_ends_no_event_and_an_event_without_text_is_one()
    {
        using SekoiaHttpsIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Output(intake.Port));
        bench.SendFrame(Frame("a\nb\n\nc"));
        bench.SendFrame(Frame(""));
        bench.SendFrame("<13>1 - - - - - - of an output of another type\n");
        bench.WaitForDelivered(3);
        await bench.StopAsync();
        Assert.That(intake.Events.Select(static e => e.Text), Is.EquivalentTo(new[] { "a#012b#012#012c", "-", "<13>1 - - - - - - of an output of another type#012" }));
        Assert.That(intake.Events.Select(static e => e.Key).Distinct(), Is.EqualTo(new[] { Key }));
    }

    [Test]
    public async Task Events_wait_for_others_until_their_age_and_none_waits_at_a_stop()
    {
        using SekoiaHttpsIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Output(intake.Port, new HttpsIntakeOptions { BatchAge = TimeSpan.FromSeconds(10) }));
        Eventually.Holds(() => bench.Ledger.Connected, "connected", detail: bench.Log.ToString);
        for (int i = 0; i < 10; i++) bench.SendFrame(Frame($"seq={i}"));
        Thread.Sleep(300);
        Assert.That((intake.Requests.Count, bench.Ledger.Delivered, bench.Ledger.Queued), Is.EqualTo((0, 0L, 10L)));
        await bench.StopAsync();
        Assert.That((intake.Requests.Count, bench.Ledger.Delivered), Is.EqualTo((1, 10L)), bench.Log.ToString());
    }

    [Test]
    public async Task Nothing_is_delivered_before_the_intake_has_named_it_and_little_is_on_its_way()
    {
        using SekoiaHttpsIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Output(intake.Port, new HttpsIntakeOptions { BatchEvents = 10, BatchAge = TimeSpan.FromSeconds(0.05) }));
        intake.HoldAnswers();
        for (int i = 0; i < 1000; i++) bench.SendFrame(Frame($"seq={i}"));
        Eventually.Holds(() => intake.Requests.Count == 4, "four requests are there");
        Thread.Sleep(200);
        Assert.That((intake.Requests.Count, bench.Ledger.Delivered, bench.Ledger.Queued), Is.EqualTo((4, 0L, 1000L)));
        intake.Answer();
        bench.WaitForDelivered(1000);
        await bench.StopAsync();
        intake.Sequence.AssertComplete(1000);
    }

    [Test]
    public async Task A_connection_that_idled_is_replaced_without_a_word_and_nothing_comes_twice()
    {
        using SekoiaHttpsIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Output(intake.Port));
        for (int round = 0; round < 3; round++)
        {
            bench.SendFrame(Frame($"seq={round}"));
            bench.WaitForDelivered(round + 1);
            intake.Refuse();
            intake.Listen();
        }
        await bench.StopAsync();
        intake.Sequence.AssertComplete(3);
        Assert.That(bench.Log.Has("lost"), Is.False, bench.Log.ToString());
    }

    [Test]
    public async Task A_slow_intake_is_waited_for_and_one_that_is_silent_is_given_up()
    {
        using SekoiaHttpsIntake intake = new();
        using TargetBench bench = TargetBench.Relay(Output(intake.Port), new RelayDeadlines { Acknowledge = TimeSpan.FromSeconds(1) });
        intake.HoldAnswers();
        bench.SendFrame(Frame("seq=0"));
        Thread.Sleep(600);
        intake.Answer();
        bench.WaitForDelivered(1);
        intake.HoldAnswers();
        bench.SendFrame(Frame("seq=1"));
        Eventually.Holds(() => bench.Log.Has("did not answer a request within 1 s") || bench.Log.Has("has acknowledged nothing for"), "it is given up", detail: bench.Log.ToString);
        intake.Answer();
        bench.WaitForDelivered(2);
        await bench.StopAsync();
        intake.Sequence.AssertNothingMissing(2);
    }
}

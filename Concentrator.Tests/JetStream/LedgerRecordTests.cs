using System.Text;
using Concentrator.JetStream.ClusterLedger;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.JetStream;

/// <summary>Records of members, which anybody may have written.</summary>
internal sealed class LedgerRecordTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private static readonly LedgerRecord Edge = new()
    {
        Member = "0123456789abcdef",
        Host = "web1",
        Name = "cluster",
        Program = "1.0",
        Began = Noon,
        At = Noon.AddHours(1),
        Answers = "9a",
        Edge = new LedgerEdge(100, 10, [new LedgerDrop("queue_full_oldest", 5)]),
    };

    private static readonly LedgerRecord Relay = Edge with
    {
        Edge = null,
        IsStopped = true,
        IsProcess = true,
        Answers = null,
        Relay = new LedgerRelay
        {
            Consumer = "relays",
            Blocks = 1,
            Messages = 2,
            UnusableBlocks = 3,
            UnusableMessages = 4,
            Redelivered = 5,
            Held = 6,
            Outputs = [new LedgerRelayOutput("sekoia", 7, [new LedgerDrop("refused", 8)])],
        },
    };

    [Test]
    public void What_is_written_is_read()
    {
        foreach (LedgerRecord record in (LedgerRecord[])[Edge, Relay])
        {
            byte[] bytes = LedgerRecordJson.Write(record);
            LedgerRecord? read = LedgerRecordJson.Read(bytes, out string problem);
            Assert.That(read, Is.Not.Null, problem);
            Assert.That(Encoding.UTF8.GetString(LedgerRecordJson.Write(read!)), Is.EqualTo(Encoding.UTF8.GetString(bytes)));
        }
        Assert.That(Edge.Edge!.HandedOver, Is.EqualTo(85));
        Assert.That(Relay.Relay!.Settled, Is.EqualTo(6));
    }

    [Test]
    public void A_later_version_is_said_to_be_one()
    {
        Assert.That(LedgerRecordJson.Read(Encoding.UTF8.GetBytes(Text(Edge).Replace("\"v\":1", "\"v\":2", StringComparison.Ordinal)), out string problem), Is.Null);
        Assert.That(problem, Does.Contain("it has version 2, and this program knows 1"));
    }

    [TestCase("")]
    [TestCase("nonsense")]
    [TestCase("[]")]
    [TestCase("7")]
    [TestCase("null")]
    [TestCase("{}")]
    [TestCase("{\"v\":1}")]
    [TestCase("{\"v\":\"1\"}")]
    [TestCase("{\"v\":1,\"edge\":[],\"member\":\"a\"}")]
    [TestCase("{\"v\":1,\"edge\":{\"v\":{\"v\":{\"v\":{\"v\":{\"v\":{}}}}}}}")]
    public void What_is_no_record_is_refused(string text)
    {
        Assert.That(LedgerRecordJson.Read(Encoding.UTF8.GetBytes(text), out string problem), Is.Null);
        Assert.That(problem, Does.Contain("not a record of the ledger").And.Not.Contain("\n"));
    }

    [TestCase("\"accepted\":100", "\"accepted\":-1")]
    [TestCase("\"accepted\":100", "\"accepted\":1e3")]
    [TestCase("\"accepted\":100", "\"accepted\":9223372036854775807")]
    [TestCase("\"accepted\":100", "\"accepted\":99999999999999999999999")]
    [TestCase("\"accepted\":100", "\"accepted\":\"100\"")]
    [TestCase("\"accepted\":100,", "")]
    [TestCase("\"queue_full_oldest\":5", "\"queue_full_oldest\":-5")]
    [TestCase("\"queue_full_oldest\":5", "\"\":5")]
    [TestCase("\"host\":\"web1\"", "\"host\":\"\"")]
    [TestCase("\"host\":\"web1\"", "\"host\":17")]
    [TestCase("\"began\":\"2026", "\"began\":\"yesterday")]
    [TestCase("\"edge\"", "\"neither\"")]
    public void What_is_impossible_is_refused(string part, string instead)
    {
        string text = Text(Edge);
        Assert.That(text, Does.Contain(part));
        Assert.That(Read(text.Replace(part, instead, StringComparison.Ordinal)), Is.Null);
    }

    [Test]
    public void What_is_too_long_or_too_much_is_refused()
    {
        string text = Text(Edge);
        Assert.That(Read(text.Replace("web1", new string('w', 257), StringComparison.Ordinal)), Is.Null);
        Assert.That(Read(text.Replace("\"dropped\":{", "\"dropped\":{" + string.Concat(Enumerable.Range(0, 40).Select(static i => $"\"r{i}\":1,")), StringComparison.Ordinal)), Is.Null);
        Assert.That(LedgerRecordJson.Read(new byte[LedgerRecordJson.MostBytes + 1], out string problem), Is.Null);
        Assert.That(problem, Does.Contain("longer than 65536 bytes"));
        LedgerRecord many = Relay with { Relay = Relay.Relay! with { Outputs = [.. Enumerable.Range(0, 100).Select(static i => new LedgerRelayOutput($"o{i}", 0, []))] } };
        Assert.That(Read(Text(many))!.Relay!.Outputs, Has.Count.EqualTo(LedgerRecordJson.MostOutputs), "what is written can always be read");
    }

    [Test]
    public void Nothing_that_is_read_throws() => Prop.ForAll(
        Gen.Choose(0, LedgerRecordJson.Write(Relay).Length - 1).Zip(Gen.Choose(0, 255)).ListOf().ToArbitrary(),
        static changes =>
        {
            byte[] bytes = LedgerRecordJson.Write(Relay);
            foreach ((int at, int value) in changes) bytes[at] = (byte)value;
            LedgerRecordJson.Read(bytes, out _);
        }).QuickCheckThrowOnFailure();

    private static string Text(LedgerRecord record) => Encoding.UTF8.GetString(LedgerRecordJson.Write(record));

    private static LedgerRecord? Read(string text) => LedgerRecordJson.Read(Encoding.UTF8.GetBytes(text), out _);
}

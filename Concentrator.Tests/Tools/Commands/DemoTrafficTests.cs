using Concentrator.Messages;
using Concentrator.Messages.FrameScanning;
using Concentrator.Messages.Parsing;
using Concentrator.Tools.Demo;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Commands;

/// <summary>What the demo's senders say, and how the demo finds it again.</summary>
internal sealed class DemoTrafficTests
{
    private const int MoreThanOneRound = 1100;

    private static IReadOnlyList<SenderPlan> Senders => DemoPlan.Default.Senders;

    [Test]
    public void A_message_is_malformed_exactly_where_the_traffic_says_so()
    {
        foreach (SenderPlan sender in Senders)
        {
            DemoTraffic traffic = new(sender);
            for (int number = 0; number < MoreThanOneRound; number++)
            {
                byte[] message = traffic.Render(number, out bool isMalformed);
                SyslogParser.Parse(message, HeaderFormat.Auto, out SyslogMessage parsed);
                Assert.That(parsed.IsMalformed, Is.EqualTo(isMalformed), $"message {number} to {sender.Listener}");
            }
        }
    }

    [Test]
    public void Every_message_carries_its_number()
    {
        foreach (SenderPlan sender in Senders)
        {
            DemoTraffic traffic = new(sender);
            for (int number = 0; number < MoreThanOneRound; number++)
            {
                bool found = MessageNumber.TryFind(traffic.Render(number, out _), out char letter, out int itsNumber);
                Assert.That((found, letter, itsNumber), Is.EqualTo((true, sender.Letter, number)));
            }
        }
    }

    [Test]
    public void No_message_ends_early_on_a_stream_of_lines()
    {
        SenderPlan lines = Senders.Single(static sender => sender.Framing == Framing.Lf);
        DemoTraffic traffic = new(lines);
        for (int number = 0; number < MoreThanOneRound; number++)
            Assert.That(traffic.Render(number, out _), Has.None.EqualTo((byte)'\n'), $"message {number}");
    }

    [Test]
    public void The_traffic_is_as_hostile_as_clients_are()
    {
        DemoTraffic traffic = new(Senders[0]);
        byte[][] messages = [.. Enumerable.Range(0, MoreThanOneRound).Select(number => traffic.Render(number, out _))];
        Assert.Multiple(() =>
        {
            Assert.That(messages.Any(static m => m.AsSpan().IndexOf("\n<128>1 "u8) > 0), "a forged line");
            Assert.That(messages.Any(static m => m.AsSpan().StartsWith("<BADREQ>"u8)), "<BADREQ>");
            Assert.That(messages.Any(static m => m.AsSpan().StartsWith("<999>"u8)), "a priority above 191");
            Assert.That(messages.Any(static m => m.Contains((byte)0) && m.Contains((byte)255)), "binary");
        });
    }

    [Test]
    public void Letters_tell_the_senders_apart() => Assert.That(Senders.Select(static sender => sender.Letter), Is.Unique);

    [Test]
    public void Missing_repeated_and_strange_messages_are_told_apart()
    {
        NumberTally tally = new();
        tally.Add("demo=a0000000"u8);
        tally.Add("x demo=a0000002 y"u8);
        tally.Add("demo=a0000002"u8);
        tally.Add("nothing"u8);
        tally.Add("demo=a00"u8);
        tally.Add("demo=b0000007"u8);
        tally.Add("demo=a0009999"u8);

        Arrival arrival = tally.Against([('a', 4)]);

        Assert.That(arrival, Is.EqualTo(new Arrival(Messages: 7, Distinct: 2, Missing: 2, Duplicates: 1, Strangers: 4)));
    }
}

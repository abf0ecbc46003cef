using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;
using Concentrator.Tests.Parsing;
using Concentrator.Tools.Shadow;
using NUnit.Framework;
using ShadowDifference = Concentrator.Tools.Shadow.Difference;

namespace Concentrator.Tests.Peers;

/// <summary>
/// Our traditional file beside the one that a real rsyslogd writes of the same messages: whoever replaces rsyslog must know
/// every difference. <see cref="Difference"/> is the whole list.
/// </summary>
internal sealed partial class RsyslogComparisonTests
{
    /// <summary>What may differ between the two lines of one message.</summary>
    private enum Difference
    {
        /// <summary>
        /// We show when we received a message. So does rsyslog at a unix socket; of a message from the network it shows the
        /// sender's own time.
        /// </summary>
        Time,

        /// <summary>Of an RFC 5424 message rsyslog writes <c>haproxy[1] text</c>, we <c>haproxy[1]: text</c> as of any other.</summary>
        ColonAfterTag,

        /// <summary>rsyslog keeps blanks at the start of the text, we do not: here a text of nothing but a blank.</summary>
        LeadingBlanks,

        /// <summary>rsyslog cuts at 8 KB as Debian configures it, we at 64 KB.</summary>
        CutByRsyslog,
    }

    /// <summary>rsyslog's default <c>maxMessageSize</c>, of the whole message.</summary>
    private const int RsyslogLimit = 8096;

    [Test]
    public void From_the_network_only_the_listed_differences_show()
    {
        CorpusMessage[] messages = [.. Corpus.Messages.Where(static message =>
            message.Expected.HostName != "" && message.Expected.AppName != "" && !message.IsMalformed)];
        using RsyslogHost rsyslog = RsyslogHost.WritingFile();
        int port = FreePort.Next();
        using DatagramSender toUs = DatagramSender.Udp(port);
        using DatagramSender toRsyslog = DatagramSender.Udp(rsyslog.UdpPort);
        Compare(
            $"udp://127.0.0.1:{port}", "auto", rsyslog, messages,
            bytes =>
            {
                toUs.Send(bytes);
                toRsyslog.Send(bytes);
            },
            [Difference.Time, Difference.ColonAfterTag]);
    }

    [Test]
    public void At_HAProxys_socket_with_its_default_header_only_the_listed_differences_show()
    {
        CorpusMessage[] messages = [.. Corpus.Messages.Where(static message =>
            message.Format == "local" && message.Expected.AppName != "")];
        using RsyslogHost rsyslog = RsyslogHost.WritingFile();
        using TempDirectory directory = new();
        string ours = directory.Socket("log");
        using DatagramSender toRsyslog = DatagramSender.Unix(rsyslog.LogSocket);
        DatagramSender? toUs = null;
        try
        {
            Compare(
                $"unix-dgram:{ours}", "local", rsyslog, messages,
                bytes =>
                {
                    (toUs ??= DatagramSender.Unix(ours)).Send(bytes);
                    toRsyslog.Send(bytes);
                },
                [Difference.LeadingBlanks, Difference.CutByRsyslog]);
        }
        finally
        {
            toUs?.Dispose();
        }
    }

    [Test]
    public void Without_a_host_name_a_loopback_sender_is_localhost_to_rsyslog_and_this_host_to_us()
    {
        using RsyslogHost rsyslog = RsyslogHost.WritingFile(resolvesNames: true);
        using TempDirectory directory = new();
        int port = FreePort.Next();
        using ServerProcess server = new ServerSetup(directory).Listen("in", $"udp://127.0.0.1:{port}").File("our.log").Start();
        using DatagramSender toUs = DatagramSender.Udp(port);
        using DatagramSender toRsyslog = DatagramSender.Udp(rsyslog.UdpPort);
        byte[] message = Encoding.ASCII.GetBytes($"<134>{DateTime.Now.ToString("MMM dd HH:mm:ss", CultureInfo.InvariantCulture)} haproxy[12]: no host");
        toUs.Send(message);
        toRsyslog.Send(message);
        WrittenLine ours = WrittenLine.Parse(LineFile.WaitForLines(directory["our.log"], 1)[0]);
        WrittenLine theirs = WrittenLine.Parse(LineFile.WaitForLines(rsyslog.LogFile, 1)[0]);
        Assert.That((ours.Host, theirs.Host), Is.EqualTo((Environment.MachineName.Split('.')[0], "localhost")));
        IReadOnlyList<ShadowDifference> found = LineComparison.Compare(ours, theirs);
        Assert.That(found, Has.Member(ShadowDifference.Localhost));
        Assert.That(found, Is.All.Matches<ShadowDifference>(static difference => difference.IsExpected()), "to the shadow");
    }

    private static void Compare(
        string address, string format, RsyslogHost rsyslog, CorpusMessage[] messages, Action<byte[]> send, Difference[] expected)
    {
        Assert.That(messages, Has.Length.GreaterThan(30));
        using TempDirectory directory = new();
        using ServerProcess server = new ServerSetup(directory).Listen("in", address, $"\"Format\": \"{format}\"").File("our.log").Start();
        foreach (CorpusMessage[] some in messages.Chunk(10))
        {
            int before = LineFile.Lines(rsyslog.LogFile).Length;
            foreach (CorpusMessage message in some) send(message.Frame);
            LineFile.WaitForLines(rsyslog.LogFile, before + some.Length);
            LineFile.WaitForLines(directory["our.log"], before + some.Length);
        }
        string[] our = LineFile.Lines(directory["our.log"]);
        string[] their = LineFile.Lines(rsyslog.LogFile);
        Assert.That(our, Has.Length.EqualTo(messages.Length));
        Assert.That(their, Has.Length.EqualTo(messages.Length));
        SortedSet<Difference> found = [];
        for (int n = 0; n < messages.Length; n++) found.UnionWith(Explain(messages[n], our[n], their[n]));
        Assert.That(found, Is.EqualTo(expected.Order()));
        LedgerAssert.Balances(server.Metrics());
    }

    /// <summary>The differences that make one line of the other; fails when they do not suffice.</summary>
    private static List<Difference> Explain(CorpusMessage message, string our, string their)
    {
        List<Difference> found = [];
        Assert.That(our, Does.Match(Dated()), message.Id);
        Assert.That(their, Does.Match(Dated()), message.Id);

        // Two clocks that are read one after the other may stand on both sides of a second.
        if (our[..BsdLength] != their[..BsdLength] && message.Transport != "unix-dgram" && message.Expected.Timestamp != "")
            found.Add(Difference.Time);
        string a = our[BsdLength..];
        string b = their[BsdLength..];
        if (message.Expected.Version == 1)
        {
            b = TagWithoutColon().Replace(b, "$0:", 1);
            found.Add(Difference.ColonAfterTag);
        }
        if (message.Frame.Length > RsyslogLimit && a.StartsWith(b, StringComparison.Ordinal))
        {
            found.Add(Difference.CutByRsyslog);
            return found;
        }
        if (message.Expected.Text.StartsWith(' ') && a != b)
        {
            b = b.Replace(":  ", ": ", StringComparison.Ordinal);
            found.Add(Difference.LeadingBlanks);
        }
        Assert.That(a, Is.EqualTo(b), $"{message} {Encoding.Latin1.GetString(message.Frame)}");
        return found;
    }

    private const int BsdLength = 15;

    [GeneratedRegex(@"^[A-Z][a-z]{2} [ 123]\d \d\d:\d\d:\d\d ")]
    private static partial Regex Dated();

    [GeneratedRegex(@"^ [^ ]+ [^ ]+(?<!:)(?= )")]
    private static partial Regex TagWithoutColon();
}

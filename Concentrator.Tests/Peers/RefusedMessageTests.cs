using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>A real receiver whose limit nobody foresaw.</summary>
[Parallelizable]
internal sealed class RefusedMessageTests : ReceiverLimitTests
{
    /// <summary>syslog-ng 3.38 and 4.12 close the connection at a frame above their log-msg-size, and drop what is behind it there.</summary>
    [TestCase("")]
    [TestCase("SID")]
    public void A_message_that_syslog_ng_closes_at_is_put_aside_and_all_others_arrive(string suite)
    {
        using SyslogNg receiver = SyslogNg.ReceivingFrames(maxMessage: 8_192, suite);
        ServerProcess server = StartRelay(receiver.Port);
        string large = "large " + new string('x', 20_000);
        Send("first", large, "last");
        Eventually.Holds(() => server.Log.Contains("refuses a message of"), "the message is put aside", Deadline.Transfer, () => server.Describe() + receiver.Describe());
        Eventually.Holds(() => receiver.Lines().Contains("last"), "the last message arrives", Deadline.Transfer, receiver.Describe);
        Send("behind");
        AssertPutAside(server, receiver.Lines);

        string spool = Directory["spool"];
        (int exitCode, string listed, string errors) = ServerProcess.Run(Directory, "spool", "refused", "--directory", spool);
        Assert.That((exitCode, errors), Is.EqualTo((0, "")));
        Assert.That(listed, Does.Match(@"^relay: \S+/spool/relay/refused/\S+\.frame, 20\d\d\d bytes: 200\d\d <13>1 .* large xxx"));
        (exitCode, string exported, _) = ServerProcess.Run(Directory, "spool", "export", "--refused", "--directory", spool);
        Assert.That((exitCode, exported.TrimEnd('\n').Split(' ')[^2..]), Is.EqualTo((0, large.Split(' '))));
    }
}

using Concentrator.Configuration.Loading;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary><c>concentrator shadow</c> beside a real rsyslogd that receives the same messages.</summary>
internal sealed class ShadowTests
{
    private const int Messages = 2000;

    [Test]
    public async Task Beside_an_rsyslog_that_receives_the_same_the_file_is_the_same()
    {
        (int exit, string report) = await ShadowAsync(skip: -1);
        Assert.That(report, Does.Contain($"{Messages:N0} lines in both").And.Contain("only known differences"));
        Assert.That(exit, Is.Zero);
    }

    [Test]
    public async Task A_line_that_rsyslog_did_not_get_is_found()
    {
        (int exit, string report) = await ShadowAsync(skip: 7);
        Assert.That(report, Does.Contain($"{Messages - 1:N0} lines in both").And.Contain("DIFFERS 1 x not in the other file"));
        Assert.That(exit, Is.EqualTo(1));
    }

    [TestCase("shadow", "--against")]
    [TestCase("shadow", "--against", "/tmp/x", "--listen", "nowhere")]
    [TestCase("shadow", "--against", "/tmp/x", "--format", "odd")]
    [TestCase("shadow", "--against", "/tmp/x", "--for", "soon")]
    public async Task An_unusable_argument_is_one_line_and_exit_2(params string[] arguments)
    {
        StringWriter error = new();
        int exit = await Program.InvokeAsync(arguments, ConfigurationEnvironment.Current(), TextWriter.Null, error, CancellationToken.None);
        Assert.That((exit, error.ToString().Split('\n').Length), Is.EqualTo((2, 2)), error.ToString());
    }

    [Test]
    public async Task Another_form_of_the_time_is_a_difference()
    {
        (int exit, string report) = await ShadowAsync(skip: -1, format: "rfc3339");
        Assert.That(report, Does.Contain($"DIFFERS {Messages:N0} x different time format"));
        Assert.That(exit, Is.EqualTo(1));
    }

    private static async Task<(int Exit, string Report)> ShadowAsync(int skip, string format = "traditional")
    {
        using RsyslogHost rsyslog = RsyslogHost.WritingFile();
        using TempDirectory directory = new();
        string socket = directory.Socket("shadow");
        using CancellationTokenSource stop = new(TimeSpan.FromMinutes(2));
        StringWriter report = new();
        Task<int> shadow = Program.InvokeAsync(
            ["shadow", "--against", rsyslog.LogFile, "--listen", $"unix-dgram:{socket}", "--format", format],
            ConfigurationEnvironment.Current(), report, report, stop.Token);
        Eventually.Holds(() => File.Exists(socket) || shadow.IsCompleted, "the shadow listens", detail: report.ToString);
        using (DatagramSender toUs = DatagramSender.Unix(socket))
        using (DatagramSender toRsyslog = DatagramSender.Unix(rsyslog.LogSocket))
        {
            NumberedMessage message = NumberedMessage.LocalHttpLog;
            for (int n = 0; n < Messages; n++)
            {
                if (n != skip) toRsyslog.Send(message, n, 1);
                toUs.Send(message, n, 1);
            }
        }
        LineFile.WaitForLines(rsyslog.LogFile, skip < 0 ? Messages : Messages - 1);
        await stop.CancelAsync();
        return (await shadow, report.ToString());
    }
}

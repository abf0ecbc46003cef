using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>A file output without a format: a log file does not change its format in the middle.</summary>
internal sealed class FileFormatTests : ServerTests
{
    private const string Traditional = "Nov 28 09:23:57 edge haproxy[7]: rsyslog's\n";
    private const string Rfc3339 = "^[0-9-]{10}T[0-9:.]{15}[+-][0-9:]{5} edge haproxy\\[32177\\]: ";

    private string Log => Directory["out.log"];

    [Test]
    public void Lines_go_on_as_the_existing_file_has_them()
    {
        Directory.Write("out.log", Traditional);
        ServerProcess server = Start(Configuration());
        Send("ours");
        Lines.AssertTraditional(WaitForLines(Log, 2)[1], "ours");
        server.WaitForLine($"file file: writing lines in format traditional, as found in {Log}");
    }

    [Test]
    public void Where_nothing_is_written_yet_lines_are_as_Debian_s_rsyslog_writes_them()
    {
        ServerProcess server = Start(Configuration());
        Send("ours");
        Assert.That(WaitForLines(Log, 1)[0], Does.Match($"{Rfc3339}ours$"));
        server.WaitForLine("file file: writing lines in format rfc3339, rsyslog's default");
    }

    [Test]
    public void A_rotation_a_restart_and_a_reload_leave_the_format_as_it_is()
    {
        Directory.Write("out.log", Traditional);
        ServerProcess first = Start(Configuration());
        File.Move(Log, Directory["out.log.1"]);
        first.Stop();

        using NotifySocket notify = new(Directory);
        ServerProcess second = Start(Configuration(), environment: notify.Environment);
        notify.WaitForReady();
        Send("after the restart");
        Lines.AssertTraditional(WaitForLines(Log, 1)[0], "after the restart");

        File.Delete(Log);
        File.Delete(Directory["out.log.1"]);
        notify.Reload(second, Directory, Json(Configuration()));
        second.WaitForLine("configuration reloaded");
        Send("after the reload");
        Lines.AssertTraditional(WaitForLines(Log, 1)[0], "after the reload");
    }

    [Test]
    public void A_format_that_is_named_is_taken_whatever_the_file_holds()
    {
        Directory.Write("out.log", Traditional);
        Start(Configuration("rfc3339"));
        Send("ours");
        Assert.That(WaitForLines(Log, 2)[1], Does.Match($"{Rfc3339}ours$"));
    }

    private Dictionary<string, object> Configuration(string? format = null) => new()
    {
        ["Listeners"] = new { log = new { Address = $"unix-dgram:{Directory["log"]}" } },
        ["Outputs"] = new { file = new { Type = "file", Path = Log, Format = format } },
    };

    private void Send(string text)
    {
        using DatagramSender sender = DatagramSender.Unix(Directory["log"]);
        sender.Send(Lines.Message(text));
    }
}

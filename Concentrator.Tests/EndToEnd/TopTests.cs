using System.Text.Json;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary><c>concentrator top</c> of a running server.</summary>
internal sealed class TopTests : ServerTests
{
    [Test]
    public void Once_prints_the_rates_of_an_interval_as_plain_text()
    {
        ServerProcess server = StartWithDeadRelay();
        Send(20);
        server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total") == 20, "they are written");
        (int exit, string text, string errors) = Ask(server, "--once", "--interval=0.2");
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Success, "")));
        Assert.That(text, Does.Match($"^concentrator [^ ]+: (NOT )?(ready|READY), process {server.Pid}, up "));
        Assert.That(text, Does.Match(@"(?m)^log +0 +0 bytes +20 +0 +0$"));
        Assert.That(text, Does.Match(@"(?m)^dead +0 +0 +#\.+ +0 % +20 +0 +NOT CONNECTED"));
        Assert.That(text, Does.Match(@"(?m)^file +0 +0 +\.+ +0 % +0 +0 +written$"));
        Assert.That(text, Does.Not.Contain('\u001b'), "no terminal is needed");
    }

    [Test]
    public void Json_prints_the_counts_and_rates_for_scripts()
    {
        ServerProcess server = StartWithDeadRelay();
        Send(7);
        server.WaitForMetrics(static m => m.Sum("concentrator_output_delivered_messages_total") == 7, "they are written");
        (int exit, string text, string errors) = Ask(server, "--once", "--json", "--interval=0.2");
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Success, "")));
        using JsonDocument frame = JsonDocument.Parse(text);
        JsonElement listener = frame.RootElement.GetProperty("listeners")[0], dead = frame.RootElement.GetProperty("outputs")[0];
        Assert.That(listener.GetProperty("received").GetInt64(), Is.EqualTo(7));
        Assert.That(listener.GetProperty("received_per_second").GetDouble(), Is.Zero);
        Assert.That(dead.GetProperty("queued").GetInt64(), Is.EqualTo(7));
        Assert.That(dead.GetProperty("connected").GetBoolean(), Is.False);
    }

    [Test]
    public void Without_a_terminal_it_says_what_to_use_and_without_a_server_where_it_looked()
    {
        ServerProcess server = StartWithDeadRelay();
        (int exit, _, string errors) = Ask(server);
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Unusable, "concentrator: standard output is not a terminal; use --once or --json\n")));
        (exit, _, errors) = ServerProcess.Run(Directory, ["top", "--once", $"--Monitoring:Address=127.0.0.1:{FreePort.Next()}"]);
        Assert.That(exit, Is.EqualTo(1));
        Assert.That(errors, Does.StartWith("concentrator: no server answers at http://127.0.0.1:"));
        (exit, _, errors) = Ask(server, "--once", "--interval=0");
        Assert.That((exit, errors), Is.EqualTo((ExitCodes.Unusable, "concentrator: --interval takes seconds from 0.2 to 60\n")));
    }

    [Test]
    public void In_a_terminal_it_follows_the_server_to_its_end_until_q()
    {
        ServerProcess server = StartWithDeadRelay();
        using Tmux terminal = new(Directory, $"{ServerProcess.Quoted} top --interval=0.2 --Monitoring:Address=127.0.0.1:{server.MonitoringPort} 2>{Directory["errors"]}");
        Send(30);
        Shows(@"(?m)^log +\d+ +[\d.]+ \w+ +30 +0 +0$");
        Shows(@"(?m)^dead .* NOT CONNECTED");
        Assert.That(terminal.Screen().TrimEnd().Split('\n'), Has.Length.LessThan(Tmux.Height).And.All.Length.LessThanOrEqualTo(Tmux.Width));
        server.Stop();
        Shows("no server answers at ");
        terminal.Type("q");
        Eventually.Holds(() => !terminal.IsAlive, "q ends it", detail: terminal.Screen);
        Assert.That(File.ReadAllText(Directory["errors"]), Is.Empty);

        void Shows(string pattern) => Eventually.Holds(
            () => System.Text.RegularExpressions.Regex.IsMatch(terminal.Screen(), pattern), $"the terminal shows {pattern}",
            detail: () => terminal.Screen() + File.ReadAllText(Directory["errors"]));
    }

    private ServerProcess StartWithDeadRelay() => Start(new
    {
        Listeners = new { log = new { Address = $"unix-dgram:{Directory.Socket("log")}" } },
        Outputs = new { file = LogFile(Directory), dead = Relay($"localhost:{FreePort.Next()}", Directory) },
    });

    private void Send(int count)
    {
        using DatagramSender datagrams = DatagramSender.Unix(Directory["log"]);
        datagrams.Send(NumberedMessage.LocalHttpLog, 0, count);
    }

    private (int Exit, string Output, string Errors) Ask(ServerProcess server, params string[] more) =>
        ServerProcess.Run(Directory, ["top", $"--Monitoring:Address=127.0.0.1:{server.MonitoringPort}", .. more]);
}

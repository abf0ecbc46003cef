using Concentrator.Tools.Demo;
using NUnit.Framework;
using Spectre.Console;

namespace Concentrator.Tests.Tools.Commands;

internal sealed class LiveViewTests
{
    [Test]
    public void The_picture_shows_counts_phase_and_events()
    {
        using DemoDirectory directory = new();
        using DemoRun run = new(DemoPlan.Default, directory);
        run.Ledger.Output("intake", isRelay: true, 1).Connected();
        run.Events.Write("2026-11-22T00:00:00Z WARN relay intake: connection [lost]\n");
        run.Events.Flush();
        using StringWriter output = new();
        AnsiConsoleSettings settings = new() { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) };
        IAnsiConsole console = AnsiConsole.Create(settings);
        console.Profile.Width = 80;

        console.Write(new LiveView(run, console).Picture());

        string picture = output.ToString();
        Assert.That(picture, Does.Contain("Starting").And.Contain("connected"));
        Assert.That(picture, Does.Contain("WARN relay intake: connection [lost]"));
    }
}

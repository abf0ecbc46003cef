using Concentrator.Configuration.Loading;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Commands;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

internal sealed class HealthTests
{
    [Test]
    public async Task A_server_that_runs_is_well_and_one_that_has_stopped_is_not()
    {
        using TempDirectory directory = new();
        using ServerProcess server = new ServerSetup(directory).Listen("in", $"unix-dgram:{directory.Socket("log")}").File("log.txt").Start();
        string address = $"--Monitoring:Address=127.0.0.1:{server.MonitoringPort}";
        Assert.That(await AskAsync("health", address), Is.EqualTo((0, "alive\n", "")));
        Assert.That(await AskAsync("health", "--ready", address), Is.EqualTo((0, "ready\n", "")));
        server.Stop();
        (int exit, string output, string error) = await AskAsync("health", address);
        Assert.That((exit, output), Is.EqualTo((1, "")));
        Assert.That(error, Does.StartWith("concentrator: no server answers at http://127.0.0.1:").And.EndsWith("\n"));
        Assert.That(error.Split('\n'), Has.Length.EqualTo(2));
    }

    [Test]
    public async Task A_server_that_listens_everywhere_is_reached_at_home()
    {
        using TempDirectory directory = new();
        using ServerProcess server = new ServerSetup(directory).Listen("in", $"unix-dgram:{directory.Socket("log")}").File("log.txt").Start();
        Assert.That((await AskAsync("health", $"--Monitoring:Address=0.0.0.0:{server.MonitoringPort}")).Exit, Is.Zero);
    }

    [Test]
    public async Task Without_status_pages_there_is_nobody_to_ask()
    {
        (int exit, _, string error) = await AskAsync("health", "--Monitoring:Address=off");
        Assert.That(exit, Is.EqualTo(ExitCodes.Unusable));
        Assert.That(error, Does.Contain("Monitoring:Address is off"));
    }

    [Test]
    public async Task Where_the_configuration_cannot_be_used_the_address_in_it_is_asked_all_the_same()
    {
        using TempDirectory directory = new();
        using ServerProcess server = new ServerSetup(directory).Listen("in", $"unix-dgram:{directory.Socket("log")}").File("log.txt").Start();
        string edited = directory.Write("edited.json", $$"""{ "Lisseners": {}, "Monitoring": { "Address": "127.0.0.1:{{server.MonitoringPort}}" } }""");
        Assert.That(await AskAsync("health", "--config", edited), Is.EqualTo((0, "alive\n", "")));
        string there = $"--Monitoring:Address=127.0.0.1:{server.MonitoringPort}";
        Assert.That(await AskAsync("health", "--config", directory["none.json"], there), Is.EqualTo((0, "alive\n", "")), "given beside a file that is not there");
        server.Stop();
        (int exit, string output, string error) = await AskAsync("health", "--config", edited);
        Assert.That((exit, output), Is.EqualTo((1, "")));
        Assert.That(error, Does.Contain($"; the configuration is invalid, so the server may use another address: {edited}:1: Lisseners: "));
        Assert.That(error.Split('\n'), Has.Length.EqualTo(2));
    }

    private static async Task<(int Exit, string Output, string Error)> AskAsync(params string[] arguments)
    {
        StringWriter output = new();
        StringWriter error = new();
        int exit = await Program.InvokeAsync(arguments, ConfigurationEnvironment.Current(), output, error, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}

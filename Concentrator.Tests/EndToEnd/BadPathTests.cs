using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>A path that is there and is no file: said, and nothing waits for it.</summary>
internal sealed class BadPathTests : ServerTests
{
    [Test]
    public void An_output_that_cannot_be_written_is_not_ready_until_it_can()
    {
        int port = FreePort.Next();
        File.CreateSymbolicLink(Directory["out.log"], Directory["there"]);
        ServerProcess server = Start(new
        {
            Listeners = new { udp = new { Address = $"udp://127.0.0.1:{port}" } },
            Outputs = new { file = LogFile(Directory) },
        });
        using DatagramSender sender = DatagramSender.Udp(port);
        sender.Send(Lines.Message("one"));
        server.WaitForLine("out.log cannot be written");
        Eventually.Holds(() => server.Status("/readyz") == 503, "it is not ready", detail: server.Describe);
        Assert.That(server.Status("/healthz"), Is.EqualTo(200));

        File.WriteAllText(Directory["there"], "");
        WaitForLines(Directory["there"], 1);
        server.WaitUntilReady();
        LedgerAssert.Balances(server.Metrics());
    }

    [TestCase("check", "--config")]
    [TestCase("check", "--intakes")]
    [TestCase("doctor", "--config")]
    [TestCase("run", "--config")]
    [TestCase("import", "")]
    public void A_pipe_in_the_place_of_a_configuration_is_an_error(string command, string option)
    {
        string pipe = Fifo.Make(Directory["pipe"]);
        string[] arguments = option.Length == 0 ? [command, pipe] : [command, option, pipe];

        (int code, _, string errors) = ServerProcess.Run(Directory, arguments);
        Assert.That(code, Is.Not.Zero);
        Assert.That(errors.TrimEnd('\n').Split('\n'), Has.Length.EqualTo(1), errors);
        Assert.That(errors, Does.Contain("is a pipe"));
    }
}

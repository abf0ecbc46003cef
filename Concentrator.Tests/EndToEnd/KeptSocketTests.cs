using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>Abstract sockets in the service manager's store of descriptors: they outlive the server that bound them.</summary>
internal sealed class KeptSocketTests : ServerTests
{
    private const int Datagram = 2;

    private string _name = null!;
    private string _whole = null!;

    [SetUp]
    public void ChooseName()
    {
        _name = AbstractNames.Next();
        _whole = AbstractNames.Whole("abns@", _name);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void What_is_sent_while_the_server_is_started_again_waits_in_the_socket(bool killed)
    {
        using DescriptorStore store = new(Directory);
        ServerProcess first = Start(Listening(_name), environment: store.Environment);
        store.WaitFor("kept.log");
        SendOne("unix-dgram", _whole, "to the first");
        WaitForLines(Directory["out.log"], 1);
        if (killed) first.Kill();
        else Assert.That(first.Stop(), Is.Zero);
        store.WaitFor("kept.log");

        SendOne("unix-dgram", _whole, "between them");
        using SocketHolder manager = new();
        ServerProcess second = StartWith(manager, store, Listening(_name));
        Assert.That(WaitForLines(Directory["out.log"], 2)[^1], Does.EndWith("between them"));
        Assert.That(second.WaitForLine("listener log: using inherited socket"), Has.Count.EqualTo(1).And.All.EndsWith($" 'log' at unix-dgram:abns@{_name}"));
        Assert.That(AbstractNames.Count(_whole, Datagram), Is.EqualTo(1));
        store.WaitFor("kept.log");
    }

    [Test]
    public void A_listener_that_leaves_or_moves_takes_its_socket_out_of_the_store()
    {
        using DescriptorStore store = new(Directory);
        ServerProcess server = Start(Listening(_name), environment: store.Environment);
        store.WaitFor("kept.log");
        string other = AbstractNames.Next();
        Reload(server, Listening(other));
        Eventually.Holds(() => AbstractNames.Count(_whole, Datagram) == 0, "the old name is free", detail: server.Describe);
        store.WaitFor("kept.log");
        Reload(server, new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{Directory["log"]}" } },
            Outputs = new { file = LogFile(Directory) },
        });
        store.WaitFor();
        Eventually.Holds(() => AbstractNames.Count(AbstractNames.Whole("abns@", other), Datagram) == 0, "the other too", detail: server.Describe);
    }

    [Test]
    public void A_kept_socket_that_no_listener_wants_any_more_is_given_back()
    {
        using DescriptorStore store = new(Directory);
        ServerProcess first = Start(Listening(_name), environment: store.Environment);
        store.WaitFor("kept.log");
        Assert.That(first.Stop(), Is.Zero);
        string other = AbstractNames.Next();
        using (SocketHolder manager = new())
        {
            StartWith(manager, store, Listening(other));
            store.WaitFor("kept.log");
        }
        Assert.That(AbstractNames.Count(_whole, Datagram), Is.Zero);
        SendOne("unix-dgram", AbstractNames.Whole("abns@", other), "to the new name");
        WaitForLines(Directory["out.log"], 1);
    }

    [Test]
    public void Sockets_with_a_path_or_a_port_are_not_kept()
    {
        using DescriptorStore store = new(Directory);
        Start(
            new
            {
                Listeners = new
                {
                    path = new { Address = $"unix-dgram:{Directory["log"]}" },
                    port = new { Address = $"udp://127.0.0.1:{FreePort.Next()}" },
                    log = new { Address = $"unix-stream:abns@{_name}" },
                },
                Outputs = new { file = LogFile(Directory) },
            },
            environment: store.Environment);
        store.WaitFor("kept.log");
    }

    [Test]
    public void A_manager_that_cannot_be_told_is_said_once()
    {
        Dictionary<string, string?> nobody = new() { ["NOTIFY_SOCKET"] = Directory["nobody"] };
        ServerProcess server = Start(
            new
            {
                Listeners = new { one = new { Address = $"unix-dgram:abns@{_name}" }, two = new { Address = $"unix-stream:abns@{_name}" } },
                Outputs = new { file = LogFile(Directory) },
            },
            environment: nobody);
        Assert.That(server.WaitForLine("the service manager does not keep its socket"), Has.Count.EqualTo(1));
    }

    private object Listening(string name) => new
    {
        Listeners = new { log = new { Address = $"unix-dgram:abns@{name}" } },
        Outputs = new { file = LogFile(Directory) },
    };

    /// <summary>As the manager starts it again: with what it keeps, and still there to be told.</summary>
    private ServerProcess StartWith(SocketHolder manager, DescriptorStore store, object configuration)
    {
        manager.Pass("kept.log", store.Take("kept.log"));
        return Start(configuration, environment: store.Environment, binary: manager.Script(Directory));
    }

    private void Reload(ServerProcess server, object configuration)
    {
        int before = Reloads();
        Directory.Write("concentrator.json", Json(configuration));
        server.Send(Signal.Hup);
        Eventually.Holds(() => Reloads() > before, "it has reloaded", detail: server.Describe);

        int Reloads() => server.LogLines.Count(static line => line.Contains("configuration reloaded", StringComparison.Ordinal));
    }
}

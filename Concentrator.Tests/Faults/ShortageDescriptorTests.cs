using System.Net;
using System.Net.Sockets;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>A limit of descriptors that connections would use up: the server keeps what it needs itself.</summary>
internal sealed class ShortageDescriptorTests : FaultTests
{
    private const int Limit = 1024;

    [Test]
    public void Silent_connections_beyond_the_limit_of_descriptors_give_way_counted_and_all_else_goes_on()
    {
        using TlsIntake intake = NewIntake();
        int other = FreePort.Next();
        string path = Directory.Socket("log");
        object Configuration(params string[] files) => new
        {
            Listeners = new
            {
                log = new { Address = $"unix-dgram:{path}" },
                tcp = new { Address = $"tcp://127.0.0.1:{Port}" },
                other = new { Address = $"tcp://127.0.0.1:{other}" },
            },
            Outputs = new Dictionary<string, object>(files.Select(name => new KeyValuePair<string, object>(name, LogFile(Directory, name))))
            {
                ["sekoia"] = Relay(intake, Directory),
            },
        };
        using NotifySocket notify = new(Directory);
        ServerProcess server = Start(
            Configuration("out.log"), environment: notify.Environment, binary: Wrapped.Script(Directory, $"ulimit -n {Limit}\nexec SERVER"));
        notify.WaitForReady();

        List<Socket> silent = [];
        try
        {
            for (int i = 0; i < 1500; i++)
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                silent.Add(socket);
                socket.Connect(IPAddress.Loopback, i % 2 == 0 ? Port : other);
            }
            MetricsSnapshot metrics = server.WaitForMetrics(
                static m => m.Sum("concentrator_listener_cut_connections_total", ("reason", "gave_way")) > 1500 - Limit, "connections give way");
            Assert.That(metrics.Sum("process_open_fds"), Is.InRange(Limit / 2, Limit - 64), "and not more than needed");

            intake.Refuse();
            intake.ResetAll();
            using DatagramSender sender = DatagramSender.Unix(path);
            sender.Send(Lines.Message("while the relay is away"));
            notify.Reload(server, Directory, Json(Configuration("out.log", "new.log")));
            server.WaitForLine("configuration reloaded");
            sender.Send(Lines.Message("after the reload"));
            WaitForLines(Directory["out.log"], 2);
            WaitForLines(Directory["new.log"], 1);
            intake.Listen();
            intake.WaitForFrames(2, Deadline.Process);
            server.WaitForLine($"this process may open {Limit} descriptors");
            server.WaitForLine("that the descriptor limit allows");
        }
        finally
        {
            foreach (Socket socket in silent) socket.Dispose();
        }
        using StreamSender welcome = StreamSender.Tcp(other, Framing.Lf);
        Eventually.Holds(
            () =>
            {
                try
                {
                    using StreamSender late = StreamSender.Tcp(Port, Framing.Lf);
                    late.Send(Lines.Message("room again"));
                    return File.ReadLines(Directory["out.log"]).Any(static line => line.EndsWith("room again", StringComparison.Ordinal));
                }
                catch (IOException)
                {
                    return false;
                }
            },
            "a connection is taken again");
    }

    [Test]
    public void A_listener_that_has_no_connection_yet_gets_one_from_another()
    {
        int other = FreePort.Next();
        ServerProcess server = Start(
            new
            {
                Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{Port}" }, other = new { Address = $"tcp://127.0.0.1:{other}" } },
                Outputs = new { file = LogFile(Directory) },
            },
            binary: Wrapped.Script(Directory, $"ulimit -n {Limit}\nexec SERVER"));

        List<Socket> silent = [];
        try
        {
            for (int i = 0; i < Limit; i++)
            {
                Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                silent.Add(socket);
                socket.Connect(IPAddress.Loopback, Port);
            }
            server.WaitForMetrics(static m => m.Sum("concentrator_listener_cut_connections_total", ("reason", "gave_way")) > 100, "all are taken");

            using StreamSender sender = StreamSender.Tcp(other, Framing.Lf);
            sender.Send(Lines.Message("to the listener that had none"));
            WaitForLines(Directory["out.log"], 1);
        }
        finally
        {
            foreach (Socket socket in silent) socket.Dispose();
        }
    }

    [Test]
    public void The_soft_limit_of_descriptors_is_raised_to_the_hard_one()
    {
        ServerProcess server = Start(
            new { Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{Port}" } }, Outputs = new { file = LogFile(Directory) } },
            binary: Wrapped.Script(Directory, "ulimit -Sn 256\nulimit -Hn 2000\nexec SERVER"));
        string limits = File.ReadLines($"/proc/{server.Pid}/limits").Single(static l => l.StartsWith("Max open files", StringComparison.Ordinal));
        Assert.That(limits.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3..5], Is.EqualTo(new[] { "2000", "2000" }));
    }
}

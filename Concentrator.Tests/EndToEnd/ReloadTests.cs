using System.Net;
using System.Net.Sockets;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>SIGHUP: what changed changes, what did not goes on, and what is wrong is refused whole. ReloadOutputTests has the outputs.</summary>
internal sealed class ReloadTests : ServerTests
{
    [Test]
    public void Insight_is_turned_off_and_on_without_a_new_connection()
    {
        const string Line = "192.0.2.1:1 [22/Nov/2026:06:04:19.212] www be/s 1/2/3/40/500 200 98 - - ---- 2/2/0/0/0 0/0 \"GET / HTTP/1.1\"";
        int port = FreePort.Next();
        using NotifySocket notify = new(Directory);
        ServerProcess server = Start(Configured(true), environment: notify.Environment);
        notify.WaitForReady();
        using StreamSender sender = StreamSender.Tcp(port, Framing.Lf);
        Send(1, counted: 1);
        notify.Reload(server, Directory, Json(Configured(false)));
        Send(2, counted: 1);
        notify.Reload(server, Directory, Json(Configured(true)));
        Send(3, counted: 2);

        void Send(int received, int counted)
        {
            sender.Send(Lines.Message(Line));
            server.WaitForMetrics(metrics => metrics.Sum("concentrator_received_messages_total", ("listener", "tcp")) == received, "received");
            Assert.That(server.Metrics().Sum("concentrator_haproxy_lines_total"), Is.EqualTo(counted));
        }

        object Configured(bool insight) => new
        {
            Listeners = new { tcp = new { Address = $"tcp://127.0.0.1:{port}", Insight = insight } },
            Outputs = new { file = LogFile(Directory) },
        };
    }

    [Test]
    public void Listeners_are_added_removed_and_changed()
    {
        int tcp = FreePort.Next(), moved = FreePort.Next(), udp = FreePort.Next(), secured = FreePort.Next(), added = FreePort.Next(), narrowed = FreePort.Next();
        (string certificate, string key) = TestCertificates.Server.WritePem(Directory.Path, "server");
        object kept = new { Address = $"unix-stream:{Directory["kept"]}" };
        using NotifySocket notify = new(Directory);
        ServerProcess server = Start(
            new
            {
                Listeners = new
                {
                    kept,
                    tcp = new { Address = $"tcp://127.0.0.1:{tcp}" },
                    udp = new { Address = $"udp://127.0.0.1:{udp}", MaxMessageSize = 1000 },
                    local = new { Address = $"unix-dgram:{Directory["local"]}", Mode = "0666" },
                    secured = new { Address = $"tcp://127.0.0.1:{secured}" },
                    narrowed = new { Address = $"tcp://0.0.0.0:{narrowed}" },
                    gone = new { Address = $"unix-dgram:{Directory["gone"]}" },
                },
                Outputs = new { file = LogFile(Directory) },
            },
            environment: notify.Environment);
        notify.WaitForReady();
        using StreamSender undisturbed = StreamSender.Unix(Directory["kept"], Framing.Lf);
        undisturbed.Send(Lines.Message("1 before"));
        using Socket disturbed = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        disturbed.Connect(IPAddress.Loopback, tcp);
        Expect("1 before");

        notify.Reload(server, Directory, Json(new
        {
            Listeners = new
            {
                kept,
                tcp = new { Address = $"tcp://127.0.0.1:{moved}" },
                udp = new { Address = $"udp://127.0.0.1:{udp}", MaxMessageSize = 2000 },
                local = new { Address = $"unix-dgram:{Directory["local"]}", Mode = "0600" },
                secured = new { Address = $"tls://127.0.0.1:{secured}", Tls = new { CertificateFile = certificate, KeyFile = key } },
                narrowed = new { Address = $"tcp://127.0.0.1:{narrowed}" },
                added = new { Address = $"tcp://127.0.0.1:{added}" },
            },
            Outputs = new { file = LogFile(Directory) },
        }));
        server.WaitForLine("configuration reloaded: 7 listeners");

        undisturbed.Send(Lines.Message("2 undisturbed"));
        Expect("2 undisturbed");
        SocketAssert.IsReset(disturbed);
        Assert.That(FreePort.IsListening(tcp), Is.False);
        foreach ((int port, string text) in new[] { (moved, "3 moved"), (added, "4 added"), (narrowed, "5 narrowed") })
        {
            using StreamSender sender = StreamSender.Tcp(port, Framing.Lf);
            sender.Send(Lines.Message(text));
            Expect(text);
        }
        using (StreamSender sender = StreamSender.Tls(secured, Framing.Lf, TestCertificates.Authority)) sender.Send(Lines.Message("6 secured"));
        Expect("6 secured");
        using (DatagramSender sender = DatagramSender.Udp(udp)) sender.Send(Lines.Message("7 longer than before " + new string('x', 1500) + " to the end"));
        Expect(" to the end");
        using (DatagramSender sender = DatagramSender.Unix(Directory["local"])) sender.Send(Lines.Message("8 local"));
        Expect("8 local");
        Assert.That(File.GetUnixFileMode(Directory["local"]), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(File.Exists(Directory["gone"]), Is.False);
    }

    [Test]
    public void A_file_beside_the_configuration_is_read_again_too()
    {
        string path = Directory.Socket("log");
        object configuration = new { Listeners = new { log = new { Address = $"unix-dgram:{path}" } }, Outputs = new { file = LogFile(Directory) } };
        Directory.Write("conf.d/10-more.json", Json(new { Outputs = new { more = LogFile(Directory, "more.log") } }));
        using NotifySocket notify = new(Directory);
        ServerProcess server = Start(configuration, environment: notify.Environment);
        notify.WaitForReady();
        server.WaitForLine($"2 outputs, 1 routes from {Directory["concentrator.json"]}, {Directory["conf.d/10-more.json"]}");

        string wrong = Directory.Write("conf.d/20-wrong.json", "{\n  \"Outputs\": { \"third\" }\n}");
        notify.Reload(server, Directory, Json(configuration));
        server.WaitForLine($"configuration: {wrong}:2:24: is not valid JSON");
        File.Delete(wrong);
        Directory.Write("conf.d/10-more.json", Json(new { Outputs = new { third = LogFile(Directory, "third.log") } }));
        notify.Reload(server, Directory, Json(configuration));
        server.WaitForLine("configuration reloaded: 1 listeners, 2 outputs");
        using DatagramSender sender = DatagramSender.Unix(path);
        sender.Send(Lines.Message("to the third"));
        Assert.That(WaitForLines(Directory["third.log"], 1), Has.Count.EqualTo(1));
        Assert.That(new FileInfo(Directory["more.log"]) is { Exists: true, Length: > 0 }, Is.False, "it is an output no more");
    }

    [Test]
    public void A_wrong_configuration_is_refused_with_every_error_and_the_old_goes_on()
    {
        string path = Directory.Socket("log");
        using NotifySocket notify = new(Directory);
        object good = new { Listeners = new { log = new { Address = $"unix-dgram:{path}" } }, Outputs = new { file = LogFile(Directory) } };
        ServerProcess server = Start(good, environment: notify.Environment);
        notify.WaitForReady();
        notify.Reload(server, Directory, Json(new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{path}", Mod = "0600" }, other = new { Address = "tcp://nowhere" } },
            Outputs = new { file = new { Type = "fiel" } },
        }));
        server.WaitForLine("configuration not reloaded: 3 errors");
        foreach (string wrong in new[] { "Listeners:log:Mod", "Listeners:other:Address", "Outputs:file:Type" }) server.WaitForLine(wrong);
        using DatagramSender sender = DatagramSender.Unix(path);
        sender.Send(Lines.Message("as before"));
        WaitForLines(Directory["out.log"], 1);
        notify.Reload(server, Directory, "{ this is no JSON");
        sender.Send(Lines.Message("still"));
        WaitForLines(Directory["out.log"], 2);
        notify.Reload(server, Directory, Json(good));
        server.WaitForLine("configuration reloaded");
    }

    [Test]
    public void A_new_listener_that_cannot_have_its_address_refuses_the_reload_and_nothing_is_lost()
    {
        using Socket taken = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        taken.Listen();
        string path = Directory.Socket("log");
        using NotifySocket notify = new(Directory);
        ServerProcess server = Start(
            new { Listeners = new { log = new { Address = $"unix-dgram:{path}" } }, Outputs = new { file = LogFile(Directory) } },
            environment: notify.Environment);
        notify.WaitForReady();
        string address = $"tcp://127.0.0.1:{((IPEndPoint)taken.LocalEndPoint!).Port}";
        notify.Reload(server, Directory, Json(new
        {
            Listeners = new
            {
                log = new { Address = $"unix-dgram:{path}", Mode = "0600" },
                more = new { Address = $"unix-dgram:{Directory["more"]}" },
                late = new { Address = address },
            },
            Outputs = new { file = LogFile(Directory, "new.log") },
        }));
        server.WaitForLine($"cannot listen on {address}: Address already in use");
        server.WaitForLine("configuration not reloaded: 1 errors");
        using DatagramSender sender = DatagramSender.Unix(path);
        sender.Send(Lines.Message("as before"));
        WaitForLines(Directory["out.log"], 1);
        Assert.That(File.Exists(Directory["more"]), Is.False);
        Assert.That(File.Exists(Directory["new.log"]), Is.False);
    }

    [TestCase("unix-dgram", "unix-stream")]
    [TestCase("unix-stream", "unix-dgram")]
    public void A_path_changes_its_kind_of_socket(string before, string after)
    {
        string path = Directory.Socket("log");
        object Configuration(string kind) => new
        {
            Listeners = new { log = new { Address = $"{kind}:{path}" } },
            Outputs = new { file = LogFile(Directory) },
        };
        using NotifySocket notify = new(Directory);
        ServerProcess server = Start(Configuration(before), environment: notify.Environment);
        notify.WaitForReady();
        SendOne(before, path, "before");
        notify.Reload(server, Directory, Json(Configuration(after)));
        server.WaitForLine("configuration reloaded");
        SendOne(after, path, "after");
        Expect("after");
        Assert.That(server.Stop(), Is.Zero);
        Assert.That(File.Exists(path), Is.False);
    }

    [Test]
    public void The_host_s_name_is_read_again()
    {
        int port = FreePort.Next();
        string path = Directory.Socket("log"), stream = Directory.Socket("stream");
        using NotifySocket notify = new(Directory);
        object configuration = new
        {
            Listeners = new { log = new { Address = $"unix-dgram:{path}" }, stream = new { Address = $"unix-stream:{stream}" } },
            Outputs = new { file = LogFile(Directory) },
            Statistics = new { Interval = "00:00:01", To = new[] { "file" } },
        };
        ServerProcess server = Start(
            configuration, environment: notify.Environment,
            binary: Wrapped.Script(Directory, "exec unshare --uts sh -c 'hostname before.example && exec SERVER' sh \"$@\""));
        notify.WaitForReady();
        SendLocal("one");
        Eventually.Holds(() => Has(" before haproxy[1]: one ") && Has(" before haproxy[1]: one stream") && Has(" before rsyslogd-pstats"), "the first name", null, Shown);

        PeerProcess.Run(new PeerStart { Path = "/usr/bin/nsenter", Arguments = ["-t", $"{server.Pid}", "-u", "hostname", "after.example"] });
        notify.Reload(server, Directory, Json(configuration));
        SendLocal("two");
        Eventually.Holds(() => Has(" after haproxy[1]: two ") && Has(" after haproxy[1]: two stream") && Has(" after rsyslogd-pstats"), "the second name", null, Shown);

        void SendLocal(string text)
        {
            using DatagramSender datagrams = DatagramSender.Unix(path);
            datagrams.Send(System.Text.Encoding.ASCII.GetBytes($"<134>Nov 28 01:02:03 haproxy[1]: {text} datagram"));
            using StreamSender connection = StreamSender.Unix(stream, Framing.Lf);
            connection.Send(System.Text.Encoding.ASCII.GetBytes($"<134>Nov 28 01:02:03 haproxy[1]: {text} stream"));
        }
        string Shown() => File.ReadAllText(Directory["out.log"]) + server.Describe();
        bool Has(string text) => File.Exists(Directory["out.log"]) && File.ReadAllText(Directory["out.log"]).Contains(text, StringComparison.Ordinal);
    }

    private void Expect(string end) => Eventually.Holds(
        () => File.Exists(Directory["out.log"]) && File.ReadLines(Directory["out.log"]).Any(line => line.EndsWith(end, StringComparison.Ordinal)),
        $"a line that ends with \"{end}\"");
}

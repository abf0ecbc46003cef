using System.IO.Compression;
using System.Text;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The file is rotated while the server writes it.</summary>
internal sealed class RotationTests
{
    private const int Rotations = 20;

    [Test]
    public void Rename_create_and_hang_up_lose_no_line_under_load()
    {
        using TempDirectory directory = new();
        string log = directory["haproxy.log"];
        using ServerProcess server = Start(directory);
        int sent = SendWhile(directory, () =>
        {
            for (int n = 1; n <= Rotations; n++)
            {
                LineFile.WaitForLines(log, 1);
                File.Move(log, $"{log}.{n}");
                // Never truncating: the server may have made the file already, and written to it.
                new FileStream(log, FileMode.OpenOrCreate).Dispose();
                server.Send(Signal.Hup);
            }
        });
        AssertComplete(server, log, sent, directory, Rotations);
    }

    [Test]
    public void The_sample_for_logrotate_loses_no_line_under_load()
    {
        using TempDirectory directory = new();
        string log = directory["haproxy.log"];
        using ServerProcess server = Start(directory);
        string sample = Repository.ReadSample("logrotate/concentrator");
        foreach ((string from, string to) in new[]
        {
            ("\n/var/log/haproxy.log {", $"\n{log} {{"),
            ("rotate 7", $"rotate {Rotations}"),
            ("systemctl kill --signal=HUP concentrator.service", $"kill -HUP {server.Pid}"),
        })
        {
            Assert.That(sample, Does.Contain(from));
            sample = sample.Replace(from, to, StringComparison.Ordinal);
        }
        Logrotate logrotate = new(directory, sample);
        int sent = SendWhile(directory, () =>
        {
            for (int n = 1; n <= Rotations; n++)
            {
                LineFile.WaitForLines(log, 1);
                logrotate.Rotate();
            }
        });
        AssertComplete(server, log, sent, directory, Rotations);
    }

    [Test]
    public void Copytruncate_leaves_no_hole_when_nothing_is_written_meanwhile()
    {
        using TempDirectory directory = new();
        string log = directory["haproxy.log"];
        using ServerProcess server = Start(directory);
        Logrotate logrotate = new(directory, $"{log} {{\n rotate 9\n copytruncate\n}}\n");
        NumberedMessage message = NumberedMessage.LocalHttpLog;
        using DatagramSender sender = DatagramSender.Unix(directory["log"]);
        for (int n = 0; n < 3; n++)
        {
            sender.Send(message, n * 100, 100);
            Assert.That(LineFile.WaitForLines(log, 100), Has.Length.EqualTo(100));
            logrotate.Rotate();
            Assert.That(new FileInfo(log).Length, Is.Zero);
        }
        AssertComplete(server, log, 300, directory, 3);
    }

    private static ServerProcess Start(TempDirectory directory) =>
        new ServerSetup(directory)
            .Listen("in", $"unix-dgram:{directory.Socket("log")}", "\"Format\": \"local\"")
            .File("haproxy.log")
            .Start();

    /// <summary>Sends without a pause until the action is done; returns how many numbered messages were sent.</summary>
    private static int SendWhile(TempDirectory directory, Action action)
    {
        using CancellationTokenSource done = new();
        Task<int> sending = Task.Run(() =>
        {
            NumberedMessage message = NumberedMessage.LocalHttpLog;
            using DatagramSender sender = DatagramSender.Unix(directory["log"]);
            int count = 0;
            for (; !done.IsCancellationRequested; count += 100)
            {
                sender.Send(message, count, 100);
                // Some thousands of lines a second: a load, and files that are quick to read again.
                done.Token.WaitHandle.WaitOne(1);
            }
            return count;
        });
        try
        {
            action();
        }
        finally
        {
            done.Cancel();
        }
        return sending.Result;
    }

    private static void AssertComplete(ServerProcess server, string log, int sent, TempDirectory directory, int rotations)
    {
        MetricsSnapshot metrics = server.WaitForMetrics(
            metrics => metrics.Sum("concentrator_output_delivered_messages_total") == sent, $"{sent} lines written");
        string[] files = Directory.GetFiles(directory.Path, "haproxy.log*");
        Assert.That(files, Has.Length.EqualTo(rotations + 1));
        SequenceLedger sequence = new();
        foreach (string file in files)
        {
            foreach (string line in Read(file).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                Assert.That(line.Length, Is.EqualTo(LineLength), $"{Path.GetFileName(file)}: {line}");
                sequence.Record(Encoding.Latin1.GetBytes(line));
            }
        }
        sequence.AssertComplete(sent);
        LedgerAssert.Balances(metrics);
    }

    /// <summary>All lines have one length, so a cut or a joined line shows.</summary>
    private static int LineLength { get; } =
        NumberedMessage.LocalHttpLog.Length - "<134>".Length + File.ReadAllText("/proc/sys/kernel/hostname").Trim().Length + 1;

    private static string Read(string file)
    {
        using Stream stream = File.OpenRead(file);
        using Stream plain = file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress) : stream;
        using StreamReader reader = new(plain, Encoding.Latin1);
        return reader.ReadToEnd();
    }
}

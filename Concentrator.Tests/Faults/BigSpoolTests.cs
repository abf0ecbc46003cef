using System.Diagnostics;
using System.Globalization;
using System.Text;
using Concentrator.Queues.Files;
using Concentrator.Queues.Segments;
using Concentrator.Tests.EndToEnd;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Faults;

/// <summary>How much memory it takes to read a spool that is far larger than memory should ever be. Prints the figures.</summary>
[TestFixture]
internal sealed class BigSpoolTests : ServerTests
{
    private const long Allowed = 64 << 20;
    private const int MessagesPerBlock = 200;

    [Test]
    public void Reading_a_spool_of_300_MB_takes_less_than_64_MB_of_memory() => Read(300L << 20);

    [Test]
    [Category("Soak")]
    [Explicit("full size: dotnet test --filter Category=Soak")]
    public void Reading_a_spool_of_5_GB_takes_less_than_64_MB_of_memory() => Read(5L << 30);

    private void Read(long bytes)
    {
        long idle = RelayPeak(messages: 0);
        long messages = Fill(bytes);
        using IDisposable scope = Assert.EnterMultipleScope();
        foreach (string[] command in (string[][])[["spool", "stats"], ["spool", "verify"], ["spool", "export", "--raw"]])
            Report(string.Join(' ', command), CommandPeak(command), CommandPeak(["--version"]));
        Report("relay", RelayPeak(messages), idle);
    }

    private static void Report(string reader, long peak, long idle)
    {
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{reader}: peak resident {peak >> 20} MB, of which {(peak - idle) >> 20} MB more than without a spool"));
        Assert.That(peak - idle, Is.LessThan(Allowed), reader);
    }

    private long Fill(long bytes)
    {
        NumberedMessage message = NumberedMessage.HttpLog;
        using MemoryStream block = new();
        using SpoolDirectory directory = new(Directory["spool/sekoia"]);
        using SegmentLog log = SegmentLog.Open(directory, new SegmentLogOptions(), out _);
        int number = 0;
        while (log.Bytes < bytes)
        {
            block.SetLength(0);
            for (int i = 0; i < MessagesPerBlock; i++)
            {
                ReadOnlySpan<byte> frame = message.Render(number++);
                block.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{frame.Length} ")));
                block.Write(frame);
            }
            log.Append(block.GetBuffer().AsSpan(0, (int)block.Length), MessagesPerBlock);
        }
        log.SaveCheckpoint();
        TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"spool: {log.Bytes >> 20} MB, {number} messages"));
        return number;
    }

    /// <summary>Of a server that delivers all of it, in bytes.</summary>
    private long RelayPeak(long messages)
    {
        using TlsIntake intake = NewIntake(keepFrames: false);
        ServerProcess server = Start(new
        {
            Listeners = new { tcp = new { Address = "tcp://127.0.0.1:0" } },
            Outputs = new { sekoia = Relay($"localhost:{intake.Port}", Directory) },
            Spool = new { MaxSize = "10GB" },
        });
        long began = Stopwatch.GetTimestamp();
        server.WaitForMetrics(
            m => m.Sum("concentrator_output_delivered_messages_total") >= messages && m.Sum("concentrator_relay_connected") == 1,
            "all is delivered", TimeSpan.FromMinutes(10));
        if (messages > 0)
        {
            TimeSpan took = Stopwatch.GetElapsedTime(began);
            TestContext.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"relayed in {took.TotalSeconds:0.0} s"));
            Eventually.Holds(() => intake.FrameCount == messages, "all has arrived", Deadline.Transfer, intake.ToString);
        }
        long peak = Peak(server.Pid) ?? 0;
        Assert.That(server.Stop(), Is.Zero);
        return peak;
    }

    /// <summary>As the system sees it, while the command runs.</summary>
    private long CommandPeak(string[] arguments)
    {
        ProcessStartInfo start = new("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "concentrator.dll"));
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        if (arguments.Length > 1)
        {
            start.ArgumentList.Add("--directory");
            start.ArgumentList.Add(Directory["spool"]);
        }
        using Process process = Process.Start(start)!;
        Task output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        Task errors = process.StandardError.BaseStream.CopyToAsync(Stream.Null);
        long peak = 0;
        while (!process.WaitForExit(2)) peak = Peak(process.Id) ?? peak;
        Task.WaitAll(output, errors);
        Assert.That(process.ExitCode, Is.Zero, string.Join(' ', arguments));
        return peak;
    }

    /// <summary>Null once the process has ended.</summary>
    private static long? Peak(int pid)
    {
        try
        {
            string? line = File.ReadLines($"/proc/{pid}/status").FirstOrDefault(static l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? null : long.Parse(line.AsSpan(6).TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

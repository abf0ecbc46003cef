using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Concentrator.Bench.Arguments;
using Concentrator.Bench.Measure;
using Concentrator.Bench.Programs;
using Concentrator.Tools.Commands;
using Concentrator.Tools.Rehearsal;

namespace Concentrator.Bench.Sink;

/// <summary><c>sink</c>: an intake that counts, measures and, on request, misbehaves.</summary>
internal sealed class SinkCommand
{
    private readonly Option<string> _listen = new("--listen")
    {
        Description = "Address and port; port 0 selects a free one.",
        HelpName = "IP:PORT",
        DefaultValueFactory = static _ => "127.0.0.1:10514",
    };

    private readonly Option<bool> _plain = new("--plain") { Description = "Plain TCP instead of TLS." };
    private readonly Option<string?> _certificate = new("--certificate")
    {
        Description = "Certificate, PEM; default: a temporary one.",
        HelpName = "FILE",
    };

    private readonly Option<string?> _key = new("--key") { Description = "The certificate's key, PEM.", HelpName = "FILE" };
    private readonly Option<string?> _caOut = new("--ca-out")
    {
        Description = "File to write the temporary authority to, for the relay's CaFile.",
        HelpName = "FILE",
    };

    private readonly Option<long?> _count = Options.Whole("--count", "Stop after this number of distinct messages.", least: 1);
    private readonly Option<TimeSpan?> _duration = Options.Duration("--duration", "Stop after this time; default: at Ctrl-C.");
    private readonly Option<TimeSpan?> _idle = Options.Duration(
        "--idle", "Stop when, after the first message, nothing has arrived for this time.");

    private readonly Option<long?> _resetEvery = Options.Whole(
        "--reset-every", "Reset each connection after this number of its frames.", least: 1);

    private readonly Option<long?> _after = Options.Whole(
        "--after", "Number of frames after which --stall, --half-close and --refuse happen, once; default 10000.");

    private readonly Option<TimeSpan?> _stall = Options.Duration("--stall", "Read nothing for this time.");
    private readonly Option<bool> _halfClose = new("--half-close")
    {
        Description = "Shut down the sink's side of the connection and continue reading.",
    };

    private readonly Option<TimeSpan?> _refuse = Options.Duration("--refuse", "Reset all connections and refuse new ones for this time.");
    private readonly Option<long?> _slow = Options.Bytes("--slow", "Read at most this number of bytes per second on each connection.");

    public static Command Create(TextWriter output)
    {
        SinkCommand sink = new();
        Command command = new("sink", "Act as an intake: count messages, measure latency, misbehave on request.")
        {
            sink._listen, sink._plain, sink._certificate, sink._key, sink._caOut, sink._count, sink._duration, sink._idle,
            sink._resetEvery, sink._after, sink._stall, sink._halfClose, sink._refuse, sink._slow,
        };
        command.SetAction((parsed, stop) => Task.Run(() => sink.Execute(parsed, output, stop), CancellationToken.None));
        return command;
    }

    /// <summary>Writes the final counts.</summary>
    public static void Write(SinkServer server, SinkCount count, TextWriter output)
    {
        double seconds = Stopwatch.GetElapsedTime(count.FirstArrival, count.LastArrival).TotalSeconds;
        double rate = seconds > 0 ? count.Distinct / seconds : 0;
        long bytes = count.Frames > 0 ? count.Bytes / count.Frames : 0;
        LatencySummary latency = count.Latency;
        void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
        Line($"{count.Frames:N0} frames of {bytes:N0} bytes, {count.Distinct:N0} distinct messages from {count.Senders} senders");
        Line($"in {seconds:F2} s: {rate:N0} msg/s");
        Line($"{count.Missing:N0} missing below each sender's highest, {count.Duplicates:N0} duplicates, {count.Reordered:N0} reordered");
        Line($"{count.Unstamped:N0} without a stamp; {server.Connections} connections, {server.BrokenFramings} framing errors");
        if (server.Resets > 0) Line($"{server.Resets} connections reset on request");
        Line($"latency ms: p50 {latency.P50:F3}, p90 {latency.P90:F3}, p99 {latency.P99:F3}, p99.9 {latency.P999:F3}, max {latency.Max:F3}");
    }

    private int Execute(ParseResult parsed, TextWriter output, CancellationToken stop)
    {
        if (!IPEndPoint.TryParse(parsed.GetValue(_listen)!, out IPEndPoint? endPoint))
            throw new UnusableException($"--listen {parsed.GetValue(_listen)}: write address:port, such as 127.0.0.1:10514");
        using BenchDirectory directory = new();
        IssuedCertificate? certificate = parsed.GetValue(_plain) ? null : Certificate(parsed, directory);
        using SinkServer server = SinkServer.On(endPoint, certificate, new Misbehaviour
        {
            ResetEvery = parsed.GetValue(_resetEvery) ?? 0,
            After = parsed.GetValue(_after) ?? Misbehaviour.None.After,
            Stall = parsed.GetValue(_stall) ?? TimeSpan.Zero,
            HalfClose = parsed.GetValue(_halfClose),
            Refuse = parsed.GetValue(_refuse) ?? TimeSpan.Zero,
            Slow = parsed.GetValue(_slow) ?? 0,
        });
        output.WriteLine($"listening on {server.EndPoint}, {(certificate is null ? "plain" : "TLS, " + certificate.Certificate.Subject)}");
        Wait(parsed, server, output, stop);
        SinkCount count = server.Tally.Read();
        Write(server, count, output);
        return server.BrokenFramings > 0 ? 1 : ExitCodes.Success;
    }

    private IssuedCertificate Certificate(ParseResult parsed, BenchDirectory directory)
    {
        string? file = parsed.GetValue(_certificate);
        try
        {
            if (file is not null) return new IssuedCertificate(X509Certificate2.CreateFromPemFile(file, parsed.GetValue(_key)), []);
            ThrowAwayCertificate made = new(directory.Path);
            if (parsed.GetValue(_caOut) is string path) File.Copy(made.CaFile, path, overwrite: true);
            return made.Server;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new UnusableException($"certificate {file ?? parsed.GetValue(_caOut)}: {e.Message}");
        }
    }

    private void Wait(ParseResult parsed, SinkServer server, TextWriter output, CancellationToken stop)
    {
        long began = Stopwatch.GetTimestamp();
        TimeSpan duration = parsed.GetValue(_duration) ?? TimeSpan.MaxValue;
        TimeSpan idle = parsed.GetValue(_idle) ?? TimeSpan.MaxValue;
        long wanted = parsed.GetValue(_count) ?? long.MaxValue;
        long said = 0;
        for (int turn = 1; !stop.WaitHandle.WaitOne(50); turn++)
        {
            SinkCount count = server.Tally.Read();
            bool isIdle = count.LastArrival > 0 && Stopwatch.GetElapsedTime(count.LastArrival) > idle;
            if (count.Distinct >= wanted || isIdle || Stopwatch.GetElapsedTime(began) > duration) return;
            if (turn % 20 != 0 || count.Frames == said) continue;
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"  {count.Frames - said:N0} per second, {count.Frames:N0} in total, {count.Missing:N0} missing"));
            said = count.Frames;
        }
    }
}

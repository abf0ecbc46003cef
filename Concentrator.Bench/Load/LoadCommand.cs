using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Concentrator.Bench.Arguments;
using Concentrator.Configuration.Options;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tools.Commands;

namespace Concentrator.Bench.Load;

/// <summary><c>load</c>: sends stamped messages to any syslog receiver, and reports what was sent and its cost.</summary>
internal sealed class LoadCommand
{
    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(10);

    private readonly Option<Transport?> _transport = Options.Transport(
        "--transport", "unix-dgram (default), unix-stream, udp, tcp or tls.");

    private readonly Option<string?> _target = new("--target")
    {
        Description = "Path of a unix socket, otherwise host:port.",
        HelpName = "WHERE",
    };

    private readonly Option<double?> _rate = Options.Number("--rate", "Messages per second; 0 (default) = as fast as possible.");
    private readonly Option<RateRange?> _rates = Options.Rates("--rates", "Rate range, rising evenly over --duration.");
    private readonly Option<long?> _count = Options.Whole("--count", "Total number of messages.", least: 1);
    private readonly Option<TimeSpan?> _duration = Options.Duration("--duration", "Duration; default 10 s without --count.");
    private readonly Option<long?> _size = Options.Bytes("--size", "Message size in bytes, including the header; default 300.");
    private readonly Option<string?> _format = Options.Word(
        "--format", "local (default), rfc3164 or rfc5424.", "local", "rfc3164", "rfc5424");

    private readonly Option<long?> _connections = Options.Whole("--connections", "Sockets or connections; default 1.", least: 1);
    private readonly Option<string?> _framing = Options.Word("--framing", "Framing of streams: octet (default) or lf.", "octet", "lf");
    private readonly Option<bool> _nonBlocking = new("--non-blocking")
    {
        Description = "Send datagrams as HAProxy does: never wait, drop what cannot be sent at once.",
    };

    private readonly Option<long?> _burst = Options.Whole(
        "--burst", "Messages sent back to back; default: a burst every tenth of a millisecond.", least: 1);

    private readonly Option<int?> _batch = Options.Batch();

    private readonly Option<long?> _sendBuffer = Options.Bytes(
        "--send-buffer", "SO_SNDBUF, as HAProxy's tune.sndbuf.backend; default: the kernel's.");

    private readonly Option<string?> _replay = new("--replay") { Description = "Send the lines of this file in turn.", HelpName = "FILE" };
    private readonly Option<bool> _corpus = new("--corpus") { Description = "Send the messages of a real HAProxy in turn." };

    public static Command Create(TextWriter output)
    {
        LoadCommand load = new();
        Command command = new("load", "Send stamped messages, at a given rate or as fast as possible.")
        {
            load._transport, load._target, load._rate, load._rates, load._count, load._duration, load._size, load._format,
            load._connections, load._framing, load._nonBlocking, load._burst, load._batch, load._sendBuffer, load._replay, load._corpus,
        };
        command.SetAction((parsed, stop) => Task.Run(() => Execute(load.Plan(parsed), output, stop), CancellationToken.None));
        return command;
    }

    /// <summary>Parses a target of the command line.</summary>
    /// <exception cref="UnusableException">The target does not fit the transport.</exception>
    public static EndPoint ParseTarget(Transport transport, string target)
    {
        if (Transports.IsUnix(transport))
        {
            try
            {
                return new UnixDomainSocketEndPoint(target);
            }
            catch (ArgumentException e)
            {
                throw new UnusableException($"--target {target}: {e.Message}");
            }
        }
        int colon = target.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(target.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
            throw new UnusableException($"--target {target}: write host:port");
        string host = target[..colon].Trim('[', ']');
        if (IPAddress.TryParse(host, out IPAddress? address)) return new IPEndPoint(address, port);
        try
        {
            return new IPEndPoint(Dns.GetHostAddresses(host)[0], port);
        }
        catch (SocketException e)
        {
            throw new UnusableException($"--target {target}: {e.Message}");
        }
    }

    private LoadPlan Plan(ParseResult parsed)
    {
        Transport transport = parsed.GetValue(_transport) ?? Transport.UnixDatagram;
        string target = parsed.GetValue(_target)
            ?? throw new UnusableException("--target is missing: the path of a unix socket, otherwise host:port");
        if (parsed.GetValue(_nonBlocking) && !Transports.IsDatagram(transport))
            throw new UnusableException($"--non-blocking is for datagrams; {Transports.NameOf(transport)} is a stream");
        if (parsed.GetValue(_rate) is not null && parsed.GetValue(_rates) is not null)
            throw new UnusableException("--rate and --rates exclude each other");
        long connections = parsed.GetValue(_connections) ?? 1;
        if (connections > ushort.MaxValue) throw new UnusableException($"--connections {connections}: at most {ushort.MaxValue}");
        long count = parsed.GetValue(_count) ?? 0;
        TimeSpan? duration = parsed.GetValue(_duration);
        if (parsed.GetValue(_rates) is not null) duration ??= DefaultDuration;
        Framing framing = parsed.GetValue(_framing) == "lf" ? Framing.Lf : Framing.OctetCounted;
        return new LoadPlan
        {
            Transport = transport,
            Target = ParseTarget(transport, target),
            Messages = Messages(parsed, !Transports.IsDatagram(transport) && framing == Framing.Lf),
            Rate = parsed.GetValue(_rates) ?? RateRange.Steady(parsed.GetValue(_rate) ?? 0),
            Count = count,
            Duration = duration ?? (count > 0 ? TimeSpan.Zero : DefaultDuration),
            Connections = (int)connections,
            Framing = framing,
            NonBlocking = parsed.GetValue(_nonBlocking),
            Batch = parsed.GetValue(_batch) ?? 1,
            Burst = (int)Math.Min(parsed.GetValue(_burst) ?? 0, int.MaxValue),
            SendBuffer = parsed.GetValue(_sendBuffer) is long size ? (int)Math.Min(size, int.MaxValue) : null,
        };
    }

    private IReadOnlyList<FrameTemplate> Messages(ParseResult parsed, bool lines)
    {
        if (parsed.GetValue(_replay) is string file)
        {
            if (parsed.GetValue(_corpus)) throw new UnusableException("--replay and --corpus exclude each other");
            return RecordedMessages.FromFile(file);
        }
        if (parsed.GetValue(_corpus)) return RecordedMessages.Corpus(lines);
        LoadFormat format = parsed.GetValue(_format) switch
        {
            "rfc5424" => LoadFormat.Rfc5424,
            "rfc3164" => LoadFormat.Rfc3164,
            _ => LoadFormat.Local,
        };
        long size = parsed.GetValue(_size) ?? 300;
        int shortest = HttpLine.ShortestSize(format);
        if (size < shortest || size > HttpLine.LongestSize)
            throw new UnusableException($"--size {size}: {shortest} to {HttpLine.LongestSize} bytes for this format");
        return [HttpLine.Create(format, (int)size)];
    }

    private static int Execute(LoadPlan plan, TextWriter output, CancellationToken stop)
    {
        using LoadRun run = new(plan);
        output.WriteLine($"{Transports.NameOf(plan.Transport)} {plan.Target}, {plan.Rate}, {plan.Messages.Count} different messages{Batches.Named(plan.Batch)}");
        LoadResult result;
        using (new Timer(_ => Progress(run, output), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1))) result = run.Run(stop);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"sent {result.Sent:N0}, dropped on EAGAIN {result.Dropped:N0}, failed {result.Failed:N0} "
            + $"in {result.Elapsed.TotalSeconds:F2} s: {result.Rate:N0} msg/s, own CPU {result.CpuMicrosecondsPerMessage:F2} µs per message"));
        if (result.Failure is null) return ExitCodes.Success;
        output.WriteLine($"ended early: {result.Failure}");
        return 1;
    }

    private static void Progress(LoadRun run, TextWriter output)
    {
        lock (output)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"  sent {run.Sent:N0}, dropped {run.Dropped:N0}, failed {run.Failed:N0}"));
        }
    }
}

using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A RELP receiver inside the test: strict about framing and transaction numbers, and able to misbehave as real ones do. All
/// switches may be turned at any time from any thread.
/// </summary>
internal sealed class RelpIntake : IDisposable
{
    public const string Offers = "200 OK\nrelp_version=1\nrelp_software=tests\ncommands=syslog";

    private readonly Lock _gate = new();
    private readonly List<string> _messages = [];
    private readonly List<string> _commands = [];
    private readonly HashSet<Socket> _open = [];
    private readonly IssuedCertificate? _certificate;
    private Socket? _listener;
    private TaskCompletionSource _answering = new();
    private int _connections;
    private int _violations;

    /// <param name="certificate">What it presents; null for plain TCP.</param>
    public RelpIntake(IssuedCertificate? certificate = null)
    {
        _certificate = certificate;
        _answering.SetResult();
        Port = FreePort.Next();
        Listen();
    }

    public int Port { get; }

    /// <summary>Account of the messages' <c>seq=N</c>.</summary>
    public SequenceLedger Sequence { get; } = new();

    /// <summary>In answer to <c>open</c>, as it is; null for nothing at all.</summary>
    public byte[]? OpenAnswer { get; set; } = RelpFrames.Write(1, "rsp", Offers);

    /// <summary>What to say to a message; null to take it (200 OK).</summary>
    public Func<string, string?> Judge { get; set; } = static _ => null;

    /// <summary>Answers that come together go out last first.</summary>
    public bool AnswersBackwards { get; set; }

    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Streams that were no RELP, or whose transactions were not numbered one by one.</summary>
    public int Violations => Volatile.Read(ref _violations);

    public IReadOnlyList<string> Messages
    {
        get { lock (_gate) return [.. _messages]; }
    }

    /// <summary>The commands that were no messages, with their data.</summary>
    public IReadOnlyList<string> Commands
    {
        get { lock (_gate) return [.. _commands]; }
    }

    public IReadOnlyList<string> WaitForMessages(int count)
    {
        Eventually.Holds(() => Messages.Count >= count, $"{count} messages", Deadline.Transfer, () => $"{Messages.Count}, {Sequence}");
        return Messages;
    }

    /// <summary>Listens (again) on the same port.</summary>
    public void Listen()
    {
        Socket listener = new(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
        listener.Bind(new IPEndPoint(IPAddress.IPv6Any, Port));
        listener.Listen(1024);
        _listener = listener;
        _ = AcceptAsync(listener);
    }

    /// <summary>Stops listening and resets every connection.</summary>
    public void Refuse()
    {
        _listener?.Dispose();
        ResetAll();
    }

    public void ResetAll()
    {
        foreach (Socket socket in Open())
        {
            try
            {
                socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception gone) when (gone is SocketException or ObjectDisposedException)
            {
                // Ended by itself in this moment.
            }
            socket.Dispose();
        }
    }

    /// <summary>Bytes of our own choice into every plain connection, where an answer should be.</summary>
    public void Say(byte[] bytes)
    {
        foreach (Socket socket in Open()) socket.Send(bytes);
    }

    /// <summary>FIN, without a word.</summary>
    public void ShutDown()
    {
        foreach (Socket socket in Open()) socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Reads on, and answers nothing until <see cref="Answer"/>.</summary>
    public void HoldAnswers()
    {
        lock (_gate)
        {
            if (_answering.Task.IsCompleted) _answering = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Answer()
    {
        lock (_gate) _answering.TrySetResult();
    }

    public void Dispose()
    {
        Refuse();
        Answer();
    }

    private Socket[] Open()
    {
        lock (_gate) return [.. _open];
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await listener.AcceptAsync();
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException)
            {
                return;
            }
            lock (_gate) _open.Add(socket);
            _ = ServeAsync(socket);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        Interlocked.Increment(ref _connections);
        try
        {
            Stream stream = new NetworkStream(socket);
            if (_certificate is not null)
            {
                SslStream tls = new(stream);
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = _certificate.Context });
                stream = tls;
            }
            await TalkAsync(stream);
        }
        catch (Exception broken) when (broken is IOException or SocketException or ObjectDisposedException or AuthenticationException)
        {
            // The peer reset, or we did.
        }
        catch (InvalidDataException)
        {
            Interlocked.Increment(ref _violations);
        }
        finally
        {
            lock (_gate) _open.Remove(socket);
            socket.Dispose();
        }
    }

    private async Task TalkAsync(Stream stream)
    {
        RelpFrames frames = new();
        byte[] buffer = new byte[16_384];
        int transaction = 0;
        Task answered = Task.CompletedTask;
        for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
        {
            List<byte[]> answers = [];
            foreach (RelpText frame in frames.Feed(buffer.AsSpan(0, read)))
            {
                if (frame.Transaction != ++transaction) throw new InvalidDataException($"transaction {frame.Transaction} after {transaction - 1}");
                if (TakeFrame(frame) is { } answer) answers.Add(answer);
            }
            if (AnswersBackwards) answers.Reverse();
            answered = AnswerAsync(stream, answered, [.. answers.SelectMany(static a => a)]);

            // Held back, they wait for a later moment and reading goes on.
            if (Answering().IsCompleted) await answered;
        }
        if (frames.IsPartial) throw new InvalidDataException("an orderly end within a frame");
    }

    private async Task AnswerAsync(Stream stream, Task before, byte[] answers)
    {
        await before;
        await Answering();
        if (answers.Length > 0) await stream.WriteAsync(answers);
    }

    private Task Answering()
    {
        lock (_gate) return _answering.Task;
    }

    private byte[]? TakeFrame(RelpText frame)
    {
        string text = Encoding.UTF8.GetString(frame.Data);
        if (frame.Command == "open") return Note(OpenAnswer);
        if (frame.Command == "close") return Note([.. RelpFrames.Write(frame.Transaction, "rsp"), .. RelpFrames.Write(0, "serverclose")]);
        if (frame.Command != "syslog") throw new InvalidDataException($"command {frame.Command}");
        string? refusal = Judge(text);
        if (refusal is null)
        {
            Sequence.Record(frame.Data);
            lock (_gate) _messages.Add(text);
        }
        return RelpFrames.Write(frame.Transaction, "rsp", refusal ?? "200 OK");

        byte[]? Note(byte[]? answer)
        {
            lock (_gate) _commands.Add($"{frame.Command} {text}".TrimEnd());
            return answer;
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A RELP receiver inside the test: strict about framing and transaction numbers, and able to misbehave as real ones do. All
/// switches may be turned at any time from any thread.
/// </summary>
internal sealed class RelpIntake : Intake
{
    public const string Offers = "200 OK\nrelp_version=1\nrelp_software=tests\ncommands=syslog";

    private readonly Lock _gate = new();
    private readonly List<string> _messages = [];
    private readonly List<string> _commands = [];
    private List<(Stream To, byte[] Answers)>? _held;
    private int _violations;

    /// <param name="certificate">What it presents; null for plain TCP.</param>
    public RelpIntake(IssuedCertificate? certificate = null)
        : base(new IPEndPoint(IPAddress.IPv6Any, 0), certificate) => Listen();

    /// <summary>Account of the messages' <c>seq=N</c>.</summary>
    public SequenceLedger Sequence { get; } = new();

    /// <summary>In answer to <c>open</c>, as it is; null for nothing at all.</summary>
    public byte[]? OpenAnswer { get; set; } = RelpFrames.Write(1, "rsp", Offers);

    /// <summary>What to say to a message; null to take it (200 OK).</summary>
    public Func<string, string?> Judge { get; set; } = static _ => null;

    /// <summary>Answers that come together go out last first.</summary>
    public bool AnswersBackwards { get; set; }

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

    /// <summary>Bytes of our own choice into every plain connection, where an answer should be.</summary>
    public void Say(byte[] bytes)
    {
        foreach (IntakeConnection connection in OpenConnections) connection.Socket.Send(bytes);
    }

    /// <summary>FIN, without a word.</summary>
    public void ShutDown()
    {
        foreach (IntakeConnection connection in OpenConnections) connection.Socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>Reads on, and answers nothing until <see cref="Answer"/>.</summary>
    public void HoldAnswers()
    {
        lock (_gate) _held ??= [];
    }

    public void Answer()
    {
        lock (_gate)
        {
            foreach ((Stream to, byte[] answers) in _held ?? [])
            {
                try
                {
                    to.Write(answers);
                }
                catch (Exception gone) when (gone is IOException or ObjectDisposedException)
                {
                    // Its connection has ended meanwhile.
                }
            }
            _held = null;
        }
    }

    protected override void Serve(IntakeConnection connection)
    {
        if (!TryOpen(connection)) return;
        try
        {
            Talk(connection);
        }
        catch (InvalidDataException)
        {
            Interlocked.Increment(ref _violations);
        }
    }

    private void Talk(IntakeConnection connection)
    {
        RelpFrames frames = new();
        byte[] buffer = new byte[16_384];
        int transaction = 0;
        for (int read; (read = connection.Read(buffer)) > 0;)
        {
            List<byte[]> answers = [];
            foreach (RelpText frame in frames.Feed(buffer.AsSpan(0, read)))
            {
                if (frame.Transaction != ++transaction) throw new InvalidDataException($"transaction {frame.Transaction} after {transaction - 1}");
                if (TakeFrame(frame) is { } answer) answers.Add(answer);
            }
            if (AnswersBackwards) answers.Reverse();
            if (answers.Count > 0) Send(connection.Stream, [.. answers.SelectMany(static a => a)]);
        }
        if (frames.IsPartial) throw new InvalidDataException("an orderly end within a frame");
    }

    private void Send(Stream to, byte[] answers)
    {
        lock (_gate)
        {
            // Held back, they wait for a later moment and reading goes on.
            if (_held is not null) _held.Add((to, answers));
            else to.Write(answers);
        }
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

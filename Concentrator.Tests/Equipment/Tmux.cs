using System.Globalization;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>A terminal of 80 × 24 characters: a tmux server of its own that runs one command.</summary>
internal sealed class Tmux : IDisposable
{
    public const int Width = 80;
    public const int Height = 24;

    private readonly string _program = Peer.Require("tmux", "tmux");
    private readonly string _socket;

    /// <param name="directory">Holds the tmux server's socket.</param>
    /// <param name="command">For a shell.</param>
    public Tmux(TempDirectory directory, string command)
    {
        _socket = directory["tmux"];
        Run(Invariant($"new-session -d -x {Width} -y {Height}").Split(' ').Append(command));
        // The status line would take a row.
        Run(["set-option", "-g", "status", "off"]);
    }

    /// <summary>Whether the command still runs.</summary>
    public bool IsAlive => Ask(["has-session"]).ExitCode == 0;

    /// <summary>What the terminal shows, one line each, without trailing blanks.</summary>
    public string Screen() => Ask(["capture-pane", "-p"]).Output;

    public void Type(string keys) => Run(["send-keys", keys]);

    public void Dispose() => Ask(["kill-server"]);

    private void Run(IEnumerable<string> arguments)
    {
        (int exitCode, string output, string errors) = Ask(arguments);
        Assert.That(exitCode, Is.Zero, output + errors);
    }

    private (int ExitCode, string Output, string Errors) Ask(IEnumerable<string> arguments) => PeerProcess.Run(new PeerStart
    {
        Path = _program,
        Arguments = ["-S", _socket, "-f", "/dev/null", .. arguments],
        Environment = new Dictionary<string, string?> { ["TERM"] = "xterm-256color", ["LC_ALL"] = "C.UTF-8" },
    });

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>A short program in another language, run to its end by that language's own interpreter.</summary>
internal static class Script
{
    public static void Python(string text, params string[] arguments) =>
        Run(new PeerStart { Path = Peer.Require("python3", "python3"), Arguments = ["-c", text, .. arguments] });

    public static void Perl(string text, params string[] arguments) =>
        Run(new PeerStart { Path = Peer.Require("perl", "perl"), Arguments = ["-e", text, .. arguments] });

    /// <summary>As <see cref="Python"/>, where <c>/dev/log</c> is the given socket; for that process alone.</summary>
    public static void PythonWithDevLog(string socket, string text, params string[] arguments) =>
        Run(WithDevLog.Start(socket, Peer.Require("python3", "python3"), ["-c", text, .. arguments]));

    private static void Run(PeerStart start)
    {
        (int exitCode, string output, string errors) = PeerProcess.Run(start, within: Deadline.Process);
        Assert.That(exitCode, Is.Zero, $"{output}{errors}");
    }
}

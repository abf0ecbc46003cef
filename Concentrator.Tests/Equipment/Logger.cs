using System.Globalization;
using System.Text;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// util-linux's <c>logger</c>. Flags such as <c>--rfc5424</c>, <c>--rfc3164</c>, <c>--octet-count</c>, <c>-t TAG</c> or
/// <c>-p local0.info</c> are passed on. Each line given becomes one message, all from one process.
/// </summary>
internal static class Logger
{
    /// <summary>Over a unix socket; <c>-d</c> or <c>-T</c> in the flags fix its type, else logger tries both.</summary>
    public static void ToUnix(string path, IReadOnlyList<string> lines, params string[] flags) =>
        Run(["-u", path, "--socket-errors=on", .. flags], lines);

    public static void ToUdp(int port, IReadOnlyList<string> lines, params string[] flags) =>
        Run(["-n", "127.0.0.1", "-d", "-P", port.ToString(CultureInfo.InvariantCulture), .. flags], lines);

    public static void ToTcp(int port, IReadOnlyList<string> lines, params string[] flags) =>
        Run(["-n", "127.0.0.1", "-T", "-P", port.ToString(CultureInfo.InvariantCulture), .. flags], lines);

    private static void Run(IReadOnlyList<string> arguments, IReadOnlyList<string> lines)
    {
        PeerStart start = new() { Path = Peer.Require("logger", "bsdutils"), Arguments = arguments };
        byte[] input = Encoding.UTF8.GetBytes(string.Concat(lines.Select(static line => line + "\n")));
        (int exitCode, string output, string errors) = PeerProcess.Run(start, input);
        Assert.That(exitCode, Is.Zero, $"logger {string.Join(' ', arguments)}\n{output}{errors}");
    }
}

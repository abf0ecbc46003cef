using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>Messages as senders write them, and the frames and lines that the server must make of them.</summary>
internal static partial class Lines
{
    public static readonly string ThisHost = Environment.MachineName.Split('.')[0];

    /// <summary>An RFC 5424 message of haproxy[32177] on the host edge.</summary>
    public static byte[] Message(string text, string host = "edge") =>
        Encoding.UTF8.GetBytes($"<134>1 2026-11-22T06:13:25.123456+00:00 {host} haproxy 32177 - - {text}");

    /// <summary>A frame with TIME for its timestamp; a frame without one stays as it is.</summary>
    public static string WithoutTime(ReceivedFrame frame) => Timestamp().Replace(Encoding.Latin1.GetString(frame.Bytes), "${pri}TIME ");

    public static string Frame(string text, string key, string host = "edge") =>
        $"<134>1 TIME {host} haproxy 32177 LOG [SEKOIA@53288 intake_key=\"{key}\"] {text}";

    public static void AssertTraditional(string line, string text, string host = "edge") =>
        Assert.That(line, Does.Match($"^[A-Z][a-z]{{2}} [ 1-3][0-9] [0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}} {Regex.Escape(host)} haproxy\\[32177\\]: {Regex.Escape(text)}$"));

    [GeneratedRegex(@"^(?<pri><[0-9]{1,3}>1 )[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]\.[0-9]{6}[+-][0-9]{2}:[0-9]{2} ")]
    private static partial Regex Timestamp();
}

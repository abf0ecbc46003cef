using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>The fields of a frame as docs/reference/frame.md writes it; texts are Latin-1, so every byte shows.</summary>
internal sealed partial record RelayedFrame(int Pri, string Timestamp, string Host, string App, string Pid, string Key, string Text)
{
    /// <summary>Reads a frame without its octet count; fails the test when anything in it is not as the contract says.</summary>
    public static RelayedFrame Read(byte[] frame)
    {
        string text = Encoding.Latin1.GetString(frame);
        Match match = Shape().Match(text);
        Assert.That(match.Success, $"not the frame of the contract: {text}");
        int pri = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
        return new RelayedFrame(pri, Field(2), Field(3), Field(4), Field(5), Field(6), Field(7));

        string Field(int index) => match.Groups[index].Value;
    }

    [GeneratedRegex(
        @"^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d) ([^ ]+) ([^ ]+) ([^ ]+) "
        + @"LOG \[SEKOIA@53288 intake_key=""([^""]*)""\] (.*)\z",
        RegexOptions.Singleline)]
    private static partial Regex Shape();
}

using System.Text;
using System.Text.RegularExpressions;
using Concentrator.Configuration.Options;
using Concentrator.Messages;
using Concentrator.Messages.Parsing;
using Concentrator.Taps;
using FsCheck;
using FsCheck.Fluent;
using NUnit.Framework;

namespace Concentrator.Tests.Taps;

/// <summary>The filter of a tap, against one that is written with regular expressions and strings.</summary>
[TestFixture]
internal sealed class TapFilterTests
{
    private static readonly Gen<string> Programs = Gen.Elements("haproxy", "postfix/smtpd", "postfix", "sshd");

    private static readonly Gen<string> Frames =
        from pri in Gen.Choose(0, 191)
        from program in Programs
        from text in Gen.Elements("GET /a", "POST /b", "nothing", "haproxy too")
        select $"<{pri}>Nov 22 06:13:25 edge {program}[1]: {text}";

    private static readonly Gen<TapRequest> Requests =
        from listener in Gen.Elements<string?>(null, null, "in", "IN", "elsewhere")
        from output in Gen.Elements<string?>(null, null, "file", "RELAY", "nobody")
        from program in Gen.Elements<string?>(null, "haproxy", "post*", "postfix", "*d", "?shd", "")
        from text in Gen.Elements<string?>(null, "", "GET", "haproxy", "edge", "[1]: P")
        from severities in Gen.Choose(0, 255)
        select new TapRequest { Listener = listener, Output = output, Program = program, Text = text, Severities = (byte)severities };

    [Test]
    public void A_message_is_shown_if_it_meets_every_condition_and_only_then() => Prop.ForAll(
        Arb.From(from request in Requests from messages in Frames.ArrayOf(20) select (request, messages)), static sample =>
        {
            TappedLane bench = new(
                new RouteOptions { Index = 0, Contains = ["GET"], To = ["file"] },
                new RouteOptions { Index = 1, Program = "haproxy", To = ["relay", "file"] });
            Tap tap = bench.Tap(sample.request);
            bench.Accept(sample.messages);
            return TappedLane.Read(tap).SequenceEqual(sample.messages.Where(message => IsWanted(sample.request, message)));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    private static bool IsWanted(TapRequest request, string frame)
    {
        SyslogParser.Parse(Encoding.UTF8.GetBytes(frame), HeaderFormat.Auto, out SyslogMessage message);
        string program = Encoding.UTF8.GetString(message.AppName);
        List<string> outputs = [];
        if (Encoding.UTF8.GetString(message.Text).Contains("GET", StringComparison.Ordinal)) outputs.Add("file");
        if (program == "haproxy") outputs.AddRange(["relay", "file"]);
        return (request.Severities & (1 << (int)message.Severity)) != 0
            && request.Listener?.ToLowerInvariant() is null or "in"
            && (request.Output is null || outputs.Contains(request.Output.ToLowerInvariant()))
            && (request.Program is null || Like(program, request.Program) || Like(program.Split('/')[0], request.Program))
            && frame.Contains(request.Text ?? "", StringComparison.Ordinal);
    }

    private static bool Like(string text, string glob) =>
        Regex.IsMatch(text, $"^{Regex.Escape(glob).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal)}$");
}

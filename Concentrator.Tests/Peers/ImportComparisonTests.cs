using System.Globalization;
using System.Text;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.Import;
using NUnit.Framework;

namespace Concentrator.Tests.Peers;

/// <summary>
/// What the import calls translated does what rsyslog does: random rules are run by a real rsyslogd and, imported, by our server. The
/// same random messages, sent to both, are in the same files as often, byte for byte behind the time (which is the sender's in rsyslog).
/// Their order is not compared: rsyslog writes a batch of messages action by action.
/// </summary>
internal sealed class ImportComparisonTests
{
    private const int Rulesets = 12;
    private const int Messages = 300;
    private const int Portion = 60;
    private const int TimeLength = 15;

    private static readonly string[] Programs =
        ["haproxy", "haproxy-edge", "postfix", "postfix/smtpd", "postfix/qmgr", "nginx", "Nginx", "sshd", "su", "a/haproxy", "cron.d"];

    private static readonly string[] Hosts = ["web1", "web2", "db1", "edge.example", "w"];

    private static readonly string[] Words = ["Proxy", "DOWN", "UP", "GET", "/index", "error", "Proxy started", "x", "backend is"];

    private static readonly string[] Facilities = ["kern", "mail", "daemon", "local0", "local7", "auth"];

    private static readonly Form Script = new("rsyslog.conf", WriteScript);

    private static readonly Form Yaml = new("rsyslog.yaml", WriteYaml);

    private static readonly string[] Severities = ["emerg", "err", "warning", "notice", "info", "debug"];

    /// <summary>Names an unpacked rsyslogd 8.2610 (packaging/program-of-suite); this machine's own, 8.2302, is always compared.</summary>
    private const string Newer = "CONCENTRATOR_TEST_RSYSLOG_SID";

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(3)]
    public void Random_rules_take_the_same_messages_in_both(int seed) => Compare(seed, Peer.Require("rsyslogd", "rsyslog"), Script);

    [TestCase(4)]
    [TestCase(5)]
    public void Random_rules_take_the_same_messages_in_8_2610(int seed) => Compare(seed, RequireNewer(), Script);

    [TestCase(6)]
    [TestCase(7)]
    public void Random_rules_in_YAML_take_the_same_messages_in_8_2610(int seed) => Compare(seed, RequireNewer(), Yaml);

    private static string RequireNewer()
    {
        if (Environment.GetEnvironmentVariable(Newer) is { Length: > 0 } program) return program;
        Assert.Ignore($"{Newer} names no rsyslogd; packaging/program-of-suite unpacks one");
        return "";
    }

    private static void Compare(int seed, string rsyslogd, Form form)
    {
        Random random = new(seed);
        string[] rulesets = [.. Enumerable.Range(0, Rulesets).Select(index => Translatable(random, index))];
        using TempDirectory theirs = new();
        using TempDirectory ours = new();
        int[] theirPorts = [.. rulesets.Select(static _ => FreePort.Next())];
        int[] ourPorts = [.. rulesets.Select(static _ => FreePort.Next())];
        string configuration = theirs.Write(form.FileName, form.Write(rulesets, theirPorts, theirs));
        string imported = ours.Write(form.FileName, form.Write(rulesets, ourPorts, ours));
        (int code, string report, string errors) = ServerProcess.Run(ours, "import", imported, "--output", ours["imported.json"]);
        Assert.That(code, Is.Zero, $"{report}{errors}");

        using ServerProcess server = ServerProcess.Start(ours, File.ReadAllText(ours["imported.json"]));
        using PeerProcess rsyslog = PeerProcess.Start(new PeerStart
        {
            Path = rsyslogd,
            Arguments = ["-n", "-f", configuration, "-i", theirs["rsyslog.pid"]],
            WorkingDirectory = theirs.Path,
        });
        rsyslog.WaitUntilReady(() => File.Exists(theirs["rsyslog.pid"]) && IsBound(theirPorts[^1]), "rsyslogd listens");
        byte[][] messages = [.. Enumerable.Range(0, Messages).Select(number => Encoding.UTF8.GetBytes(Message(random, number)))];
        for (int index = 0; index < Rulesets; index++)
        {
            using DatagramSender toUs = DatagramSender.Udp(ourPorts[index]);
            using DatagramSender toThem = DatagramSender.Udp(theirPorts[index]);
            // In portions that the kernel's default buffer holds: it is the rules that are compared.
            for (int sent = 0; sent < Messages; sent += Portion)
            {
                foreach (byte[] message in messages.AsSpan(sent, Portion))
                {
                    toUs.Send(message);
                    toThem.Send(message);
                }
                LineFile.WaitForLines(theirs[$"{index}-all.log"], sent + Portion);
                LineFile.WaitForLines(ours[$"{index}-all.log"], sent + Portion);
            }
        }
        Assert.That(server.Stop(), Is.Zero, server.Describe());
        rsyslog.Terminate();
        string[] files = [.. Directory.GetFiles(theirs.Path, "*.log").Concat(Directory.GetFiles(ours.Path, "*.log")).Select(static file => Path.GetFileName(file)).Distinct().Order()];
        Assert.That(files, Has.Length.GreaterThan(Rulesets), "some rules were taken");
        foreach (string file in files)
        {
            string rules = rulesets[int.Parse(file.Split('-')[0], CultureInfo.InvariantCulture)];
            Assert.That(WithoutTime(ours[file]), Is.EqualTo(WithoutTime(theirs[file])), $"{file} of\n{rules}\n{report}");
        }
    }

    /// <summary>Rules of which the import says that all are translated: what it says it cannot do is not compared.</summary>
    private static string Translatable(Random random, int index)
    {
        while (true)
        {
            StringBuilder rules = new();
            rules.Append(CultureInfo.InvariantCulture, $"  action(type=\"omfile\" file=\"DIR/{index}-all.log\" template=\"RSYSLOG_TraditionalFileFormat\")\n");
            int count = random.Next(2, 5);
            for (int i = 0; i < count; i++) rules.Append(Rule(random, index, depth: 0));
            string text = rules.ToString();
            ImportResult result = RsyslogImport.Of(RsyslogReader.Read(
                new IncludedFiles(), "random.conf", $"input(type=\"imudp\" port=\"514\" ruleset=\"r\")\nruleset(name=\"r\") {{\n{text.Replace("DIR", "/tmp", StringComparison.Ordinal)}}}\n"));
            if (!result.HasUnsupported && result.Routes.Count <= 200) return text;
        }
    }

    private static string Rule(Random random, int index, int depth)
    {
        string body = Body(random, index, depth);
        if (random.Next(4) == 0) return $"  {PropertyFilter(random)} {{\n{body}  }}\n";
        string otherwise = random.Next(3) == 0 ? $" else {{\n{Body(random, index, depth)}  }}" : "";
        return $"  if {Condition(random, 0)} then {{\n{body}  }}{otherwise}\n";
    }

    private static string Body(Random random, int index, int depth)
    {
        string file = $"    action(type=\"omfile\" file=\"DIR/{index}-{random.Next(4)}.log\" template=\"RSYSLOG_TraditionalFileFormat\")\n";
        return random.Next(6) switch
        {
            0 => "    stop\n",
            1 => $"{file}    stop\n",
            2 when depth < 2 => Rule(random, index, depth + 1),
            3 when depth < 2 => file + Rule(random, index, depth + 1),
            _ => file,
        };
    }

    private static string PropertyFilter(Random random) => random.Next(3) switch
    {
        0 => $":programname, {Pick(random, "isequal", "startswith", "contains", "!isequal")}, \"{Part(random, Pick(random, Programs))}\"",
        1 => $":msg, {Pick(random, "contains", "!contains")}, \"{Pick(random, "", " ")}{Pick(random, Words)}\"",
        _ => $":hostname, {Pick(random, "isequal", "startswith", "contains")}, \"{Part(random, Pick(random, Hosts))}\"",
    };

    private static string Condition(Random random, int depth) => random.Next(depth < 2 ? 12 : 8) switch
    {
        0 => $"$programname {Pick(random, "==", "!=", "startswith", "contains")} '{Part(random, Pick(random, Programs))}'",
        1 => $"$programname == ['{Pick(random, Programs)}', '{Pick(random, Programs)}']",
        2 => $"$hostname {Pick(random, "==", "!=", "startswith", "contains")} '{Part(random, Pick(random, Hosts))}'",
        3 => $"$msg contains '{Pick(random, "", " ")}{Pick(random, Words)}'",
        4 => $"$msg contains ['{Pick(random, Words)}', ' {Pick(random, Words)}']",
        5 => $"$syslogseverity {Pick(random, "<=", ">", "==")} {random.Next(8)}",
        6 => $"$syslogfacility-text == '{Pick(random, Facilities)}'",
        7 => $"prifilt('{Pick(random, Facilities)}.{Pick(random, "", "=", "!")}{Pick(random, Severities)};{Pick(random, Facilities)}.*')",
        8 or 9 => $"({Condition(random, depth + 1)} and {Condition(random, depth + 1)})",
        10 => $"({Condition(random, depth + 1)} or {Condition(random, depth + 1)})",
        _ => $"not ({Condition(random, depth + 1)})",
    };

    private static string Message(Random random, int number)
    {
        int pri = random.Next(24) * 8 + random.Next(8);
        string pid = random.Next(3) == 0 ? "" : $"[{random.Next(1, 40000).ToString(CultureInfo.InvariantCulture)}]";
        string text = string.Join(' ', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(random, Words)));
        return string.Create(CultureInfo.InvariantCulture, $"<{pri}>Nov 22 05:38:11 {Pick(random, Hosts)} {Pick(random, Programs)}{pid}: {text} {number}");
    }

    private static string Part(Random random, string text) => random.Next(2) == 0 ? text : text[..random.Next(1, text.Length + 1)];

    private static string Pick(Random random, params string[] from) => from[random.Next(from.Length)];

    private static string WriteScript(string[] rulesets, int[] ports, TempDirectory directory)
    {
        StringBuilder text = new($"global(workDirectory=\"{directory.Path}\" net.enableDNS=\"off\")\nmodule(load=\"imudp\")\n");
        for (int i = 0; i < rulesets.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"input(type=\"imudp\" address=\"127.0.0.1\" port=\"{ports[i]}\" ruleset=\"r{i}\")\n");
            text.Append(CultureInfo.InvariantCulture, $"ruleset(name=\"r{i}\") {{\n{rulesets[i].Replace("DIR", directory.Path, StringComparison.Ordinal)}}}\n");
        }
        return text.ToString();
    }

    private static string WriteYaml(string[] rulesets, int[] ports, TempDirectory directory)
    {
        StringBuilder inputs = new();
        StringBuilder rules = new();
        for (int i = 0; i < rulesets.Length; i++)
        {
            inputs.Append(CultureInfo.InvariantCulture, $"  - type: imudp\n    address: 127.0.0.1\n    port: \"{ports[i]}\"\n    ruleset: r{i}\n");
            string script = rulesets[i].Replace("DIR", directory.Path, StringComparison.Ordinal).TrimEnd('\n').Replace("\n", "\n      ", StringComparison.Ordinal);
            rules.Append(CultureInfo.InvariantCulture, $"  - name: r{i}\n    script: |\n      {script.TrimStart()}\n");
        }
        return $"version: 2\nglobal:\n  workDirectory: {directory.Path}\n  net.enableDNS: \"off\"\nmodules:\n  - load: imudp\ninputs:\n{inputs}rulesets:\n{rules}";
    }

    private static bool IsBound(int udpPort) =>
        File.ReadLines("/proc/net/udp").Any(line => line.Contains(string.Create(CultureInfo.InvariantCulture, $":{udpPort:X4} "), StringComparison.Ordinal));

    private static string[] WithoutTime(string file) => [.. LineFile.Lines(file).Select(static line => line[TimeLength..]).Order(StringComparer.Ordinal)];

    /// <summary>A language of rsyslog's configurations: rulesets, the UDP port of each and the directory of their files, written in it.</summary>
    private sealed record Form(string FileName, Func<string[], int[], TempDirectory, string> Write);
}

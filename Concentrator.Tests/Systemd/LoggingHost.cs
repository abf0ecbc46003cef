using System.Text.RegularExpressions;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Systemd;

/// <summary>
/// A Debian host with a HAProxy that serves and logs as Debian configures it, where our package is installed and HAProxy's lines are taken
/// over as the guide says.
/// </summary>
internal sealed partial class LoggingHost : IDisposable
{
    public const string Service = "concentrator.service";

    public const string Socket = "concentrator.socket";

    public const string LogFile = "/var/log/haproxy.log";

    public const string ConfigurationFile = "/etc/concentrator/concentrator.json";

    /// <summary>Of HAProxy's frontend.</summary>
    public const int Port = 8080;

    public const string HAProxyConfiguration = "/etc/haproxy/haproxy.cfg";

    /// <summary>Requests a second: HAProxy's buffer, which a container cannot raise, has room for 167 lines that nobody reads, for each thread.</summary>
    private const int Rate = 20;

    /// <summary>Boots it. Nothing of ours is there yet.</summary>
    /// <param name="suite">Of Debian.</param>
    public LoggingHost(string suite)
    {
        HasSendBuffer = suite != "bookworm";
        Root = SystemdRoot.Start(suite);
        string frontend = $"\nfrontend web\n    bind 127.0.0.1:{Port}\n    http-request return status 200\n";
        Root.Write(HAProxyConfiguration, Root.Read(HAProxyConfiguration) + frontend);
        Root.Run("systemctl restart haproxy");
    }

    public SystemdRoot Root { get; }

    /// <summary>Whether its HAProxy knows <c>tune.sndbuf.backend</c>. 2.6 has room for 167 lines that nobody reads, for each thread.</summary>
    public bool HasSendBuffer { get; }

    /// <summary>Requests a second that it can log while for a moment nobody reads, after <see cref="RaiseSendBuffer"/>.</summary>
    public int BusyRate => HasSendBuffer ? 400 : 100;

    /// <summary>Installs or upgrades the package; returns what dpkg and the package said.</summary>
    public string Install(string version)
    {
        File.Copy(Package.Deb(version), Root["/root/concentrator.deb"], overwrite: true);
        return Root.Run("dpkg --install /root/concentrator.deb 2>&1");
    }

    /// <summary>Gives HAProxy room for lines that nobody reads yet, where it can be had, and restarts it.</summary>
    public void RaiseSendBuffer()
    {
        if (!HasSendBuffer) return;
        Edit(HAProxyConfiguration, "global\n\tlog", "global\n\ttune.sndbuf.backend 8388608\n\tlog");
        Root.Run("systemctl restart haproxy");
    }

    /// <summary>Takes HAProxy's lines over with the guide's own commands.</summary>
    public void Switch()
    {
        foreach (string command in Step("3. Take HAProxy's lines over")) Root.Run(command);
        Root.WaitFor(Service, "ActiveState", "active");
    }

    /// <summary>Installs the package, takes HAProxy's lines over, and gives HAProxy the guide's own log line.</summary>
    public void TakeOver()
    {
        Install("1.0.0");
        Switch();
        Root.Write(HAProxyConfiguration, DebiansLogLines().Replace(Root.Read(HAProxyConfiguration), $"\n\t{LogLineOfTheGuide()}\n", 1));
        Root.Run("systemctl restart haproxy");
    }

    /// <summary>kill -9, and waits until systemd has started it again.</summary>
    public void KillServer()
    {
        string pid = Root.Show(Service, "MainPID");
        Root.Run("systemctl kill --signal=KILL concentrator");
        Eventually.Holds(
            () => Root.Show(Service, "MainPID") is var now && now != pid && now != "0" && Root.Show(Service, "ActiveState") == "active",
            "it is started again", Deadline.Process, () => Root.Describe(Service));
    }

    /// <summary>Waits until systemd has started the server again so often.</summary>
    public void WaitForRestarts(int count) => Eventually.Holds(
        () => int.TryParse(Root.Show(Service, "NRestarts"), out int restarts) && restarts >= count,
        $"it is started again {count} times", Deadline.Process, () => Root.Describe(Service) + Root.Describe(Socket));

    /// <summary>What <c>concentrator doctor</c> says, whatever it finds.</summary>
    public string Doctor()
    {
        (_, string output, string errors) = Root.Try("concentrator", "doctor");
        return output + errors;
    }

    /// <summary>What the doctor says to do about a finding of his.</summary>
    /// <param name="finding">How its line begins.</param>
    /// <param name="about">What else is in its line.</param>
    public string Remedy(string finding, string about = "")
    {
        string[] said = Doctor().Split('\n');
        int at = Array.FindIndex(said, line => line.StartsWith(finding, StringComparison.Ordinal) && line.Contains(about, StringComparison.Ordinal));
        Assert.That(at, Is.Not.Negative, $"{finding} {about}\n{string.Join('\n', said)}");
        return said[at + 1].Trim();
    }

    public RequestLoad StartRequests(int rate = Rate) => new(Root, Port, rate);

    /// <summary>Sends some requests, and waits until their lines are in the file.</summary>
    public void ServesAndLogs()
    {
        using RequestLoad load = StartRequests();
        load.WaitForMore(3);
        AssertLogged(load.End());
    }

    /// <summary>Each path has its line in the file, whoever writes it.</summary>
    /// <param name="paths">Of the requests that were answered.</param>
    /// <param name="elsewhere">More text in which a line may be.</param>
    public void AssertLogged(IReadOnlyList<string> paths, Func<string>? elsewhere = null)
    {
        IReadOnlyList<string> missing = Missing(paths, elsewhere);
        Assert.That(missing, Is.Empty, $"{missing.Count} of {paths.Count} lines are missing\n{Root.Describe(Service)}\n{Root.Describe(Socket)}");
    }

    /// <summary>The paths that have no line, once each has had its time to get there; as <see cref="AssertLogged"/>.</summary>
    public IReadOnlyList<string> Missing(IReadOnlyList<string> paths, Func<string>? elsewhere = null)
    {
        Assert.That(paths, Is.Not.Empty);
        string[] missing = [];
        Eventually.TryHold(
            () =>
            {
                HashSet<string> logged = [.. IdentifiedPath().Matches(Root.Read(LogFile) + elsewhere?.Invoke()).Select(static found => found.Value)];
                missing = [.. paths.Where(path => !logged.Contains(path))];
                return missing.Length == 0;
            },
            Deadline.Reaction);
        return missing;
    }

    public void Edit(string path, string from, string to)
    {
        string text = Root.Read(path);
        Assert.That(text, Does.Contain(from));
        Root.Write(path, text.Replace(from, to, StringComparison.Ordinal));
    }

    /// <summary>An answer of the status pages; empty where nobody answers.</summary>
    public string Ask(string path)
    {
        using PeerProcess ask = Root.StartInNetwork(new PeerStart
        {
            Path = Peer.Require("python3", "python3"),
            Arguments = ["-c", $"import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:9514{path}', timeout=5).read().decode())"],
        });
        ask.WaitForExit();
        ask.Output.WaitForEnd(Deadline.Reaction);
        return ask.Output.Text().Trim();
    }

    public void Dispose() => Root.Dispose();

    /// <summary>The commands of a step of "HAProxy in five minutes", or of another document's.</summary>
    public static string[] Step(string begins, string document = "docs/guide/haproxy-host.md")
    {
        string[] lines = [.. Repository.Read(document).Split('\n').SkipWhile(line => !line.StartsWith(begins, StringComparison.Ordinal)).Skip(1)];
        Assert.That(lines, Is.Not.Empty, $"{document} has a step \"{begins}\"");
        return [.. lines
            .TakeWhile(static line => line.Length == 0 || line[0] == ' ')
            .Where(static line => line.StartsWith("       ", StringComparison.Ordinal))
            .Select(static line => line.Trim())];
    }

    private static string LogLineOfTheGuide() => Step("4. In `haproxy.cfg`").Single();

    [GeneratedRegex(@"/id-\d+\.")]
    private static partial Regex IdentifiedPath();

    [GeneratedRegex(@"\s*log /dev/log\s+local0\n\s*log /dev/log\s+local1 notice\n")]
    private static partial Regex DebiansLogLines();
}

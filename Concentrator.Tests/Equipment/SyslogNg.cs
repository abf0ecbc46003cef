using System.Globalization;
using System.Text;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A real syslog-ng, as a receiver that writes a line of each message to a file, or as a sender. Debian's package would remove rsyslog,
/// so it runs from where <c>packaging/syslog-ng-root</c> has unpacked it, or <c>packaging/program-of-suite</c> sid's.
/// </summary>
internal sealed class SyslogNg : IDisposable
{
    /// <summary>Names the directory in the environment.</summary>
    private const string RootVariable = "CONCENTRATOR_TEST_SYSLOG_NG";

    /// <summary>Names sid's program in the environment.</summary>
    private const string SidVariable = "CONCENTRATOR_TEST_SYSLOG_NG_SID";

    private readonly TempDirectory _directory = new();
    private readonly PeerProcess _process;

    private SyslogNg(string suite, Func<SyslogNg, string> configuration)
    {
        string? program = OfSuite(suite);
        string root = program is null ? RequireRoot() : Path.GetDirectoryName(program)!;
        string modules = Directory.GetDirectories(Path.Combine(root, "usr/lib/syslog-ng")).Single();
        Port = FreePort.Next();
        LogSocket = _directory.Socket("log");
        string file = _directory.Write("syslog-ng.conf", $"@version: {Path.GetFileName(modules)}\n{configuration(this)}\n");
        _process = PeerProcess.Start(new PeerStart
        {
            Path = program ?? Path.Combine(root, "usr/sbin/syslog-ng"),
            Arguments =
            [
                "--foreground", "--no-caps", "--cfgfile", file, "--persist-file", _directory["persist"],
                "--pidfile", _directory["pid"], "--control", _directory["control"], "--module-path", modules,
            ],
            WorkingDirectory = _directory.Path,
            Environment = program is null ? new Dictionary<string, string?> { ["LD_LIBRARY_PATH"] = string.Join(':', LibraryFolders(root)) } : [],
        });
        _process.WaitUntilReadyOrDispose(() => File.Exists(_directory["control"]), "its control socket", this);
    }

    /// <summary>Reads datagrams with <c>network()</c>, which knows RFC 3164 alone, or <c>syslog()</c>, which reads RFC 5424 too.</summary>
    /// <param name="driver"><c>network</c> or <c>syslog</c>.</param>
    /// <param name="template">One line of the file, in syslog-ng's language, without its LF.</param>
    /// <param name="suite">Of Debian: nothing for this machine's, <c>SID</c>.</param>
    public static SyslogNg ReadingUdp(string driver, string template, string suite = "") => new(suite, self => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        options { use-dns(no); dns-cache(no); keep-hostname(yes); stats-freq(0); flush-lines(1); };
        source in { {{driver}}(ip("127.0.0.1") port({{self.Port}}) transport("udp")); };
        destination file { file("{{self.LogFile}}" template("{{template}}\n")); };
        log { source(in); destination(file); };
        """));

    /// <summary>Receives octet-counted frames over TCP and writes the text of each message.</summary>
    /// <param name="maxMessage">Its <c>log-msg-size()</c>, default 65,536: beyond it the connection is closed.</param>
    /// <param name="suite">Of Debian.</param>
    public static SyslogNg ReceivingFrames(int maxMessage = 65_536, string suite = "") => new(suite, self => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        options { stats-freq(0); flush-lines(1); };
        source in { syslog(transport("tcp") ip("127.0.0.1") port({{self.Port}}) log-msg-size({{maxMessage}})); };
        destination file { file("{{self.LogFile}}" template("${MESSAGE}\n")); };
        log { source(in); destination(file); };
        """));

    /// <summary>Relays what it receives at <see cref="LogSocket"/> to a TLS listener.</summary>
    /// <param name="port">Of the listener on 127.0.0.1; its certificate is for localhost.</param>
    /// <param name="authority">That has issued the listener's certificate.</param>
    /// <param name="suite">Of Debian.</param>
    public static SyslogNg RelayingOverTls(int port, CertificateAuthority authority, string suite = "") => new(suite, self => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        options { time-reopen(60); stats-freq(0); };
        source local { unix-dgram("{{self.LogSocket}}"); };
        destination relay {
          syslog("127.0.0.1" port({{port}}) transport("tls")
            tls(ca-file("{{authority.WritePem(self._directory.Path, "ca.crt")}}") peer-verify(required-trusted) sni(no)));
        };
        log { source(local); destination(relay); };
        """));

    public int Port { get; }

    /// <summary>The unix datagram socket of one that relays.</summary>
    public string LogSocket { get; }

    public string LogFile => _directory["lines"];

    /// <summary>The lines written so far.</summary>
    public IReadOnlyList<string> Lines() => File.Exists(LogFile) ? File.ReadAllLines(LogFile, Encoding.UTF8) : [];

    public string Describe() => _process.Describe();

    public void Dispose()
    {
        _process.Dispose();
        _directory.Dispose();
    }

    /// <summary>The program of another suite; null for this machine's. The test is skipped where there is none.</summary>
    private static string? OfSuite(string suite)
    {
        if (suite.Length == 0) return null;
        string? program = Environment.GetEnvironmentVariable(SidVariable);
        if (program is null) Assert.Ignore($"{SidVariable} names no syslog-ng; packaging/program-of-suite unpacks one");
        return program;
    }

    private static string RequireRoot()
    {
        string root = Environment.GetEnvironmentVariable(RootVariable) ?? "";
        if (File.Exists(Path.Combine(root, "usr/sbin/syslog-ng"))) return root;
        Peer.CannotRun($"syslog-ng is missing: packaging/syslog-ng-root DIR, and {RootVariable}=DIR");
        return "";
    }

    private static IEnumerable<string> LibraryFolders(string root) =>
        new[] { "usr/lib/syslog-ng", "usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "lib/aarch64-linux-gnu" }
            .Select(folder => Path.Combine(root, folder)).Where(Directory.Exists);
}

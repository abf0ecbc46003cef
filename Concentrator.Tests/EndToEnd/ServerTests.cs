using System.Text.Json;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.EndToEnd;

/// <summary>
/// Tests that run the server as a process. Whatever a test did, at its end every server that still runs has a ledger that
/// balances, every one that ended has written a ledger that does, and none has shown its intake key anywhere.
/// </summary>
[TestFixture]
internal abstract class ServerTests
{
    protected const string IntakeKey = "zQ7intakeKey0Never1Shown";

    /// <summary>More of the key than the four characters that may be shown.</summary>
    private const string Telltale = "zQ7in";

    private readonly List<ServerProcess> _ofFixture = [];
    private readonly List<ServerProcess> _ofTest = [];
    private readonly List<IDisposable> _owned = [];
    private bool _inTest;

    /// <summary>The test's own; a fixture that shares a server uses one of its own.</summary>
    protected TempDirectory Directory { get; private set; } = null!;

    [SetUp]
    public void BeginTest()
    {
        Directory = new TempDirectory();
        _inTest = true;
    }

    [TearDown]
    public void EndTest()
    {
        try
        {
            foreach (ServerProcess server in _ofFixture.Concat(_ofTest)) Check(server);
        }
        finally
        {
            foreach (ServerProcess server in _ofTest) server.Dispose();
            _ofTest.Clear();
            for (int i = _owned.Count - 1; i >= 0; i--) _owned[i].Dispose();
            _owned.Clear();
            Directory.Dispose();
            _inTest = false;
        }
    }

    [OneTimeTearDown]
    public void EndFixture()
    {
        foreach (ServerProcess server in _ofFixture) server.Dispose();
    }

    /// <summary>Disposed after the servers of this test.</summary>
    protected T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Add(disposable);
        return disposable;
    }

    /// <summary>Starts a server and waits until it is ready. It lives as long as the test, or as the fixture when called in its set-up.</summary>
    protected ServerProcess Start(
        object configuration, TempDirectory? directory = null, IReadOnlyDictionary<string, string?>? environment = null, string? binary = null)
    {
        ServerProcess server = Launch(configuration, directory, environment, binary);
        server.WaitUntilReady();
        return server;
    }

    protected ServerProcess Launch(
        object configuration, TempDirectory? directory = null, IReadOnlyDictionary<string, string?>? environment = null, string? binary = null)
    {
        ServerProcess server = ServerProcess.Launch(directory ?? Directory, Json(configuration), environment, binary);
        (_inTest ? _ofTest : _ofFixture).Add(server);
        return server;
    }

    /// <summary>A program that is the debug build, whatever the tests start otherwise: it can kill itself at a <c>CrashPoint</c>.</summary>
    protected string Build() => Directory.WriteProgram("build", $"#!/bin/sh\nexec {ServerProcess.QuotedBuild} \"$@\"\n");

    /// <summary>As <see cref="Start"/>, from an <c>intakes.yaml</c>.</summary>
    protected ServerProcess StartIntakes(string yaml, IReadOnlyDictionary<string, string?> environment)
    {
        ServerProcess server = ServerProcess.LaunchIntakes(Directory, yaml, environment);
        _ofTest.Add(server);
        server.WaitUntilReady();
        return server;
    }

    /// <summary>A configuration written as nested anonymous objects and dictionaries.</summary>
    protected static string Json(object configuration) => configuration as string ?? JsonSerializer.Serialize(configuration);

    /// <summary>An output to a <see cref="TlsIntake"/> with a certificate of the tests' authority.</summary>
    protected static object Relay(TlsIntake intake, TempDirectory directory, string key = IntakeKey) =>
        Relay($"localhost:{intake.Port}", directory, key);

    protected static object Relay(string endpoint, TempDirectory directory, string key = IntakeKey) => new
    {
        Type = "syslog-tls",
        Endpoint = endpoint,
        IntakeKey = key,
        Tls = new { CaFile = TestCertificates.Authority.WritePem(directory.Path, "ca.crt") },
    };

    /// <summary>An output to a <see cref="SekoiaHttpsIntake"/> with a certificate of the tests' authority.</summary>
    protected static object Https(SekoiaHttpsIntake intake, TempDirectory directory) => new
    {
        Type = "sekoia-https",
        Url = $"https://localhost:{intake.Port}",
        IntakeKey,
        Tls = new { CaFile = TestCertificates.Authority.WritePem(directory.Path, "ca.crt") },
    };

    protected static object LogFile(TempDirectory directory, string name = "out.log") => new { Type = "file", Path = directory[name], Format = "traditional" };

    /// <summary>One message to a unix socket, over a connection of its own where it is a stream.</summary>
    /// <param name="transport"><c>unix-dgram</c> or <c>unix-stream</c>.</param>
    protected static void SendOne(string transport, string path, string text)
    {
        if (transport == "unix-dgram")
        {
            using DatagramSender datagrams = DatagramSender.Unix(path);
            datagrams.Send(Lines.Message(text));
            return;
        }
        using StreamSender stream = StreamSender.Unix(path, Framing.Lf);
        stream.Send(Lines.Message(text));
    }

    protected static TlsIntake NewIntake(bool keepFrames = true) => new(TestCertificates.Server, keepFrames);

    /// <summary>Waits until the file has that many lines and returns them all.</summary>
    protected static IReadOnlyList<string> WaitForLines(string path, int count, TimeSpan? within = null)
    {
        string[] lines = [];
        Eventually.Holds(
            () => (lines = File.Exists(path) ? File.ReadAllLines(path) : []).Length >= count, $"{count} lines in {path}", within,
            () => string.Join('\n', lines.TakeLast(10)));
        return lines;
    }

    /// <summary>So many of those that the output <c>sekoia</c> has accepted wait for it.</summary>
    protected static void WaitForQueued(ServerProcess server, int messages) => server.WaitForMetrics(
        m => m.Sum("concentrator_output_queued_messages", ("output", "sekoia")) == messages
            && m.Sum("concentrator_output_accepted_messages_total", ("output", "sekoia")) > 0,
        $"{messages} queued", Deadline.Transfer);

    private static void Check(ServerProcess server)
    {
        string seen = server.Log;
        if (server.HasExited)
        {
            Assert.That(seen, Does.Not.Contain("off by"), "the ledger written at the end balances");
        }
        else
        {
            MetricsSnapshot metrics = server.Metrics();
            LedgerAssert.Balances(metrics);
            seen += metrics.Text + server.StatusDocument();
        }
        Assert.That(seen, Does.Not.Contain(Telltale), "the intake key is never shown");
    }
}

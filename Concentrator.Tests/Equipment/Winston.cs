using System.Text.Json;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// A Node.js program that logs through the real winston-syslog, from where <c>packaging/npm-package</c> has installed it. It lives until
/// <see cref="Finish"/>, so that what it has not sent yet is not lost with it.
/// </summary>
internal sealed class Winston : IDisposable
{
    /// <summary>Names the directory in the environment.</summary>
    private const string RootVariable = "CONCENTRATOR_TEST_WINSTON";

    // The transport knows no moment at which all is written: winston's own close() gives up after a while. Over a stream, its queue is
    // what waits for the connection, and writableLength what waits for the kernel.
    private const string Program =
        """
        const winston = require("winston"), { Syslog } = require("winston-syslog");
        const [options, records] = JSON.parse(process.argv[1]);
        const transport = new Syslog(options);
        transport.on("error", error => { console.error(error); process.exit(1); });
        const log = winston.createLogger({ levels: winston.config.syslog.levels, level: "debug", transports: [transport] });
        for (const [level, message] of records) log.log(level, message);
        const isWritten = () => !transport.isDgram && transport.queue.length === 0 && transport.socket.writableLength === 0;
        process.stdin.on("end", () => setInterval(() => {
          if (transport.isDgram) process.exit(0);
          if (isWritten()) transport.close();
        }, 5)).resume();
        transport.on("closed", () => process.exit(0));
        """;

    private readonly PeerProcess _process;

    /// <param name="options">Of winston-syslog's transport, under its own names.</param>
    /// <param name="records">Level and message of each, all logged at once.</param>
    public Winston(object options, IReadOnlyList<(string Level, string Message)> records)
    {
        string root = RequireRoot();
        Peer.Require("node", "nodejs");
        string[][] pairs = [.. records.Select(static record => new[] { record.Level, record.Message })];
        _process = PeerProcess.Start(new PeerStart
        {
            // As a shell starts it: the name is what winston-syslog takes for the program's.
            Path = "node",
            Arguments = ["-e", Program, JsonSerializer.Serialize(new object[] { options, pairs })],
            WorkingDirectory = root,
            KeepInput = true,
        });
    }

    public int Pid => _process.Pid;

    /// <summary>As <see cref="Peer.Require"/>, for the part of it that is compiled.</summary>
    public static void RequireUnixSockets()
    {
        if (!File.Exists(Path.Combine(RequireRoot(), "node_modules/unix-dgram/build/Release/unix_dgram.node")))
            Assert.Ignore($"unix-dgram was not compiled in {RootVariable}: npm needs g++, make and python3 for it");
    }

    /// <summary>Ends it when all is written. Datagrams are to have arrived before.</summary>
    public void Finish()
    {
        _process.Input.Close();
        Assert.That(_process.WaitForExit(), Is.Zero, Describe());
    }

    public string Describe() => _process.Describe();

    public void Dispose() => _process.Dispose();

    private static string RequireRoot()
    {
        string root = Environment.GetEnvironmentVariable(RootVariable) ?? "";
        if (!Directory.Exists(Path.Combine(root, "node_modules/winston-syslog")))
            Assert.Ignore($"winston-syslog is missing: packaging/npm-package DIR winston-syslog@2.7.1 winston@3.19.0, and {RootVariable}=DIR");
        return root;
    }
}

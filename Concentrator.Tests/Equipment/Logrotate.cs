using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>The real logrotate with a configuration and a state file of its own.</summary>
internal sealed class Logrotate
{
    private readonly TempDirectory _directory;
    private readonly string _program = Peer.Require("logrotate", "logrotate");

    /// <param name="directory">Gets the configuration, which logrotate wants to be writable by nobody else, and the state.</param>
    /// <param name="configuration">In logrotate's language.</param>
    public Logrotate(TempDirectory directory, string configuration)
    {
        _directory = directory;
        string file = directory.Write("logrotate.conf", configuration);
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Rotates now, whatever the configured interval, and returns when it is done, scripts and compression included.</summary>
    public void Rotate()
    {
        PeerStart start = new()
        {
            Path = _program,
            Arguments = ["--force", "--state", _directory["logrotate.state"], _directory["logrotate.conf"]],
        };
        (int exitCode, string output, string errors) = PeerProcess.Run(start);
        Assert.That(exitCode, Is.Zero, output + errors);
        Assert.That(errors, Is.Empty);
    }
}

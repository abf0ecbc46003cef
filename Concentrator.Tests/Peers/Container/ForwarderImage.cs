using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Peers.Container;

/// <summary>
/// The image, built by a real buildah from this working copy's Dockerfile with local stand-ins for the base images, in a store of
/// its own that goes with it.
/// </summary>
internal sealed class ForwarderImage : IDisposable
{
    public const string Name = "localhost/concentrator";

    /// <summary>A small Debian with a C toolchain, three copies of it, and a publish.</summary>
    private static readonly TimeSpan Build = TimeSpan.FromMinutes(15);

    private readonly TempDirectory _directory = new();
    private readonly string _buildah = Peer.Require("buildah", "buildah");

    public ForwarderImage()
    {
        Peer.Require("debootstrap", "debootstrap");
        try
        {
            Run(new PeerStart { Path = Repository.PathOf("Concentrator.Tests/Peers/Container/build-image.sh"), Arguments = [Repository.PathOf("."), _directory.Path] });
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Runs buildah to its end; returns what it wrote.</summary>
    public string Buildah(params string[] arguments) => Run(Start(arguments)).Output.Trim();

    /// <summary>A container's program, running.</summary>
    public PeerProcess StartContainer(string container, string[] options) =>
        PeerProcess.Start(Start(["run", "--isolation", "chroot", .. options, container, "--", "/usr/local/bin/concentrator", "run"]));

    /// <summary>Runs one more program beside it.</summary>
    public (int ExitCode, string Output, string Errors) Execute(
        string container, string[] options, params string[] command) =>
        PeerProcess.Run(Start(["run", "--isolation", "chroot", .. options, container, "--", .. command]));

    public void Dispose()
    {
        // The layers hold files of other users and mounts may be left in them: buildah takes its own apart.
        PeerProcess.Run(Start(["rm", "--all"]));
        PeerProcess.Run(Start(["rmi", "--all", "--force"]));
        _directory.Dispose();
    }

    private PeerStart Start(string[] arguments) => new()
    {
        Path = _buildah,
        Arguments = ["--storage-driver", "vfs", "--root", _directory["root"], "--runroot", _directory["run"], .. arguments],
    };

    private static (int ExitCode, string Output, string Errors) Run(PeerStart start)
    {
        (int ExitCode, string Output, string Errors) result = PeerProcess.Run(start, within: Build);
        Assert.That(result.ExitCode, Is.Zero, $"{string.Join(' ', start.Arguments)}\n{result.Output}\n{result.Errors}");
        return result;
    }
}

using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Systemd;

/// <summary>The packages of the published binary that is tested, each made once by the scripts in <c>packaging/</c>.</summary>
[SetUpFixture]
[Parallelizable]
internal sealed class Package
{
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, string> Made = new(StringComparer.Ordinal);

    private static TempDirectory? _directory;

    [OneTimeTearDown]
    public void Remove()
    {
        _directory?.Dispose();
        _directory = null;
        Made.Clear();
    }

    /// <summary>The path of a Debian package of that version.</summary>
    public static string Deb(string version)
    {
        Peer.Require("dpkg-deb", "dpkg");
        lock (Gate) return Make("deb", version);
    }

    /// <summary>The path of an RPM of that version.</summary>
    public static string Rpm(string version)
    {
        Peer.Require("rpmbuild", "rpm");
        lock (Gate) return Make("rpm", version);
    }

    /// <summary>The published binary itself.</summary>
    public static string Binary()
    {
        string? binary = Environment.GetEnvironmentVariable("CONCENTRATOR_TEST_BINARY");
        if (string.IsNullOrEmpty(binary)) Assert.Ignore("a published binary is needed: CONCENTRATOR_TEST_BINARY=DIR/concentrator");
        return binary;
    }

    private static string Make(string kind, string version)
    {
        if (Made.TryGetValue($"{kind} {version}", out string? made)) return made;
        _directory ??= new TempDirectory();
        PeerStart start = new()
        {
            Path = Repository.PathOf($"packaging/{kind}"),
            Arguments = [version, Path.GetDirectoryName(Binary())!, _directory.Path],
            // It is unpacked a dozen times and kept nowhere.
            Environment = new Dictionary<string, string?> { ["DPKG_DEB_COMPRESSOR_TYPE"] = "gzip", ["DPKG_DEB_COMPRESSOR_LEVEL"] = "1" },
        };
        (int exitCode, string output, string errors) = PeerProcess.Run(start, within: Deadline.Transfer);
        Assert.That(exitCode, Is.Zero, output + errors);
        return Made[$"{kind} {version}"] = output.Trim();
    }
}

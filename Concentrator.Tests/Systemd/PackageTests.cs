using System.IO.Compression;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Systemd;

/// <summary>The packages themselves.</summary>
internal sealed class PackageTests
{
    [Test]
    public void Lintian_finds_nothing_that_is_not_listed_with_its_reason()
    {
        (int exitCode, string output, string errors) =
            Run("lintian", "--allow-root", "--fail-on", "error,warning", "--display-level", ">=warning", Package.Deb("1.0.0"));
        Assert.That(exitCode, Is.Zero, output + errors);
        Assert.That(output, Is.Empty);
    }

    [Test]
    public void Both_packages_install_the_same_files_and_the_same_are_the_administrators()
    {
        string rpm = Package.Rpm("1.0.0"), deb = Package.Deb("1.0.0");
        string[] ofDeb = [.. Run("dpkg-deb", "--contents", deb).Output.Split('\n')
            .Where(static line => line.StartsWith('-'))
            .Select(static line => line[(line.IndexOf("./", StringComparison.Ordinal) + 1)..])];
        string[] ofRpm = Run("rpm", "--query", "--list", "--package", rpm).Output.Split('\n');
        string[] missing = [.. ofDeb.Where(static file => !IsDebiansOwn(file))
            .Select(static file => file.Replace("/zsh/vendor-completions/", "/zsh/site-functions/", StringComparison.Ordinal)).Except(ofRpm)];
        Assert.That(ofDeb, Has.Length.GreaterThan(10));
        Assert.That(missing, Is.Empty);
        Assert.That(Run("rpm", "--query", "--configfiles", "--package", rpm).Output, Is.EqualTo(Run("dpkg-deb", "--info", deb, "conffiles").Output));
    }

    [Test]
    public void Manual_page_and_completion_are_what_the_binary_says()
    {
        using TempDirectory directory = new();
        Assert.That(Run("dpkg-deb", "--extract", Package.Deb("1.0.0"), directory.Path).ExitCode, Is.Zero);
        using (StreamReader page = new(new GZipStream(File.OpenRead(directory["usr/share/man/man1/concentrator.1.gz"]), CompressionMode.Decompress)))
            Assert.That(page.ReadToEnd(), Is.EqualTo(ServerProcess.Run(directory, "man").Output).And.StartsWith(".TH CONCENTRATOR 1"));
        foreach ((string shell, string file) in new[]
        {
            ("bash", "usr/share/bash-completion/completions/concentrator"),
            ("zsh", "usr/share/zsh/vendor-completions/_concentrator"),
            ("fish", "usr/share/fish/vendor_completions.d/concentrator.fish"),
        })
            Assert.That(File.ReadAllText(directory[file]), Is.EqualTo(ServerProcess.Run(directory, "completion", shell).Output).And.Contains($"concentrator completion {shell}"));
    }

    private static bool IsDebiansOwn(string file) =>
        file.StartsWith("/usr/share/doc/", StringComparison.Ordinal) || file.StartsWith("/usr/share/lintian/", StringComparison.Ordinal);

    private static (int ExitCode, string Output, string Errors) Run(string program, params string[] arguments) =>
        PeerProcess.Run(new PeerStart { Path = Peer.Require(program, program), Arguments = arguments }, within: Deadline.Transfer);
}

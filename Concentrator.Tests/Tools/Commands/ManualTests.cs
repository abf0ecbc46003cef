using Concentrator.Configuration.Loading;
using Concentrator.Tests.Equipment;
using Concentrator.Tools.ManualAndCompletion;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Commands;

/// <summary>The manual page: what it says, and that the real formatters find nothing wrong with it.</summary>
internal sealed class ManualTests
{
    private TempDirectory _directory = null!;

    [SetUp]
    public void CreateDirectory() => _directory = new TempDirectory();

    [TearDown]
    public void Remove() => _directory.Dispose();

    [Test]
    public async Task It_describes_every_command_and_option_of_the_help()
    {
        string text = Format(await Page());
        IReadOnlyDictionary<string, string> helps = await HelpTexts.AllAsync();
        Assert.That(helps.Keys, Is.SupersetOf(new[] { "concentrator", "concentrator run", "concentrator spool verify", "concentrator completion" }));
        foreach ((string command, string help) in helps)
        {
            Assert.That(text, Does.Match($"(?m)^ *{command}\\b"));
            foreach (string option in HelpTexts.Options(help)) Assert.That(text, Does.Contain(option), command);
        }
        foreach (string heading in new[] { "NAME", "SYNOPSIS", "COMMANDS", "FILES", "ENVIRONMENT", "SIGNALS", "EXIT STATUS" })
            Assert.That(text, Does.Match($"(?m)^{heading}$"));
        Assert.That(text, Does.Contain("/etc/concentrator/conf.d/*.json").And.Not.Contain("concentrator man"));
    }

    [Test]
    public async Task Groff_and_man_format_it_without_a_warning()
    {
        string page = _directory.Write("concentrator.1", await Page());
        AssertSilent("groff", "groff-base", "-man", "-ww", "-Tutf8", "-z", page);
        AssertSilent("man", "man-db", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page);
    }

    [TestCase("--a-b", "\\-\\-a\\-b")]
    [TestCase(".begins", "\\&.begins")]
    [TestCase("'begins", "\\&'begins")]
    [TestCase("a\\b", "a\\eb")]
    [TestCase("… 🙂", "\\[u2026] \\[u1F642]")]
    public void No_text_is_taken_for_a_request(string text, string expected) => Assert.That(Troff.Line(text), Is.EqualTo(expected));

    private Task<string> Page() => Output("man");

    private async Task<string> Output(params string[] arguments)
    {
        using StringWriter output = new(), error = new();
        ConfigurationEnvironment nothing = new(new Dictionary<string, string>(), _directory["none"]);
        Assert.That(await Program.InvokeAsync(arguments, nothing, output, error, CancellationToken.None), Is.Zero, error.ToString());
        return output.ToString();
    }

    /// <summary>As it is read, in one column without emphasis.</summary>
    private string Format(string page)
    {
        (int exitCode, string output, string errors) = Run("groff", "groff-base", "-man", "-Tascii", "-P-c", "-P-b", "-P-u", "-rLL=1000n", _directory.Write("page.1", page));
        Assert.That(exitCode, Is.Zero, errors);
        return output;
    }

    private static void AssertSilent(string program, string package, params string[] arguments)
    {
        (int exitCode, _, string errors) = Run(program, package, arguments);
        Assert.That(exitCode, Is.Zero, errors);
        Assert.That(errors, Is.Empty);
    }

    private static (int ExitCode, string Output, string Errors) Run(string program, string package, params string[] arguments) =>
        PeerProcess.Run(new PeerStart { Path = Peer.Require(program, package), Arguments = arguments });
}

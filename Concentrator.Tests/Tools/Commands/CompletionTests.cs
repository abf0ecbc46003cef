using Concentrator.Configuration.Loading;
using Concentrator.Tests.Equipment;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Commands;

/// <summary>The completion scripts, asked by the real shells what may follow a line.</summary>
[TestFixture("bash")]
[TestFixture("zsh")]
[TestFixture("fish")]
internal sealed class CompletionTests(string shell)
{
    /// <summary>Shows what the completion of the line in $1 puts into COMPREPLY, with the script in $0.</summary>
    private const string AskBash = """
        source "$0"
        complete -p concentrator >/dev/null || exit 1
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _concentrator
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    private const string AskFish = "source $argv[1]; complete -C $argv[2]";

    /// <summary>
    /// Presses Tab behind the line in $2 in a zsh of its own at a pseudo terminal, and shows what is offered to the line editor, between
    /// "ready" and "done". The script is in $1, $3 is a file for the answer.
    /// </summary>
    private const string AskZsh = """
        zmodload zsh/zpty
        export ANSWER=$3 SCRIPT=$1 PS1= TERM=dumb
        zpty shell zsh -f -i
        zpty -w shell '
            autoload -Uz compinit; compinit -u -D
            source $SCRIPT
            compadd() {
                local word
                local -a offered
                for word in "$@"; do
                    case $word in
                        -[OAD]) builtin compadd "$@"; return ;;
                        -|--) break ;;
                    esac
                done
                builtin compadd -O offered "$@"
                print -rl -- $offered >>$ANSWER
                builtin compadd "$@"
            }
            zle-line-init() { print ready >>$ANSWER; }
            done-said() { print done >>$ANSWER; }
            zle -N zle-line-init
            zle -N done-said
            bindkey "^X" done-said
            '
        wait_for() { until grep -qx $1 $ANSWER 2>/dev/null; do zpty -r -t shell >/dev/null; sleep 0.02; done; }
        wait_for ready
        zpty -w -n shell "$2"$'\t\C-x'
        wait_for done
        zpty -d shell
        """;

    private TempDirectory _directory = null!;

    [SetUp]
    public void WriteFiles()
    {
        _directory = new TempDirectory();
        _directory.Write("work/concentrator.json", "{}");
        _directory.Write("work/rsyslog.conf", "");
        _directory.Write("work/spool.txt", "");
        Directory.CreateDirectory(_directory["work/spool"]);
    }

    [TearDown]
    public void Remove() => _directory.Dispose();

    [TestCase("concentrator ch", "check")]
    [TestCase("concentrator spool ", "verify stats export purge refused")]
    [TestCase("concentrator spool ver", "verify")]
    [TestCase("concentrator run --ta", "--take-over")]
    [TestCase("concentrator --take", "--take-over")]
    [TestCase("concentrator check --take", "")]
    [TestCase("concentrator spool purge --y", "--yes")]
    [TestCase("concentrator spool verify --y", "")]
    [TestCase("concentrator --config run ch", "check")]
    [TestCase("concentrator --Spool:MaxSize=1GB ch", "check")]
    [TestCase("concentrator --Spool:MaxSize 1GB --Monitoring:Address=off ch", "check")]
    [TestCase("concentrator shadow --format ", "rfc3339 traditional")]
    [TestCase("concentrator shadow --format=t", "traditional")]
    [TestCase("concentrator completion ", "bash fish zsh")]
    [TestCase("concentrator run --config co", "concentrator.json")]
    [TestCase("concentrator check --config=co", "concentrator.json")]
    [TestCase("concentrator import rs", "rsyslog.conf")]
    [TestCase("concentrator spool verify --directory sp", "spool")]
    [TestCase("concentrator shadow --for ", "")]
    public async Task The_shell_offers_what_may_follow(string line, string expected) =>
        Assert.That(await Offered(line), Is.EquivalentTo(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    [Test]
    public async Task Every_command_of_the_help_is_offered_and_none_that_is_hidden()
    {
        foreach ((string command, string help) in await HelpTexts.AllAsync())
        {
            string[] commands = HelpTexts.Commands(help);
            if (command == "concentrator") Assert.That(commands, Has.Length.GreaterThan(7).And.Contains("completion").And.No.Contains("man"));
            if (commands.Length == 0) continue;
            Assert.That((await Offered($"{command} ")).Where(static word => !word.StartsWith('-')), Is.EquivalentTo(commands), command);
        }
    }

    [Test]
    public async Task Every_option_of_the_help_is_offered()
    {
        foreach ((string command, string help) in await HelpTexts.AllAsync())
            Assert.That(await Offered($"{command} --"), Is.SupersetOf(HelpTexts.Options(help)), command);
    }

    /// <summary>What the shell would offer; words that continue one with an equals sign without what stands before it.</summary>
    private async Task<string[]> Offered(string line)
    {
        using StringWriter script = new(), error = new();
        Assert.That(await Program.InvokeAsync(["completion", shell], Nothing(), script, error, CancellationToken.None), Is.Zero, error.ToString());
        string file = _directory.Write(shell == "zsh" ? "_concentrator" : $"script.{shell}", script.ToString());
        string answer = shell switch
        {
            "bash" => Ask(["--noprofile", "--norc", "-c", AskBash, file, .. Words(line)]),
            "fish" => Ask(["--no-config", "--command", AskFish, file, line]),
            _ => AskZshell(file, line),
        };
        return [.. answer.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static offer => offer.Split('\t')[0].TrimEnd('/', ' '))
            .Select(static offer => offer[(offer.IndexOf('=', StringComparison.Ordinal) + 1)..])
            .Where(static offer => offer.Length > 0)
            .Distinct()];
    }

    private string AskZshell(string script, string line)
    {
        File.Delete(_directory["answer"]);
        Ask(["-f", "-c", AskZsh, "zsh", script, line, _directory["answer"]]);
        return string.Join('\n', File.ReadAllLines(_directory["answer"]).Where(static said => said is not ("ready" or "done")));
    }

    private string Ask(string[] arguments)
    {
        (int exitCode, string output, string errors) = PeerProcess.Run(new PeerStart
        {
            Path = Peer.Require(shell, shell),
            Arguments = arguments,
            WorkingDirectory = _directory["work"],
            Environment = new Dictionary<string, string?> { ["HOME"] = _directory.Path, ["XDG_CONFIG_HOME"] = null, ["XDG_DATA_HOME"] = null, ["LC_ALL"] = "C.UTF-8" },
        });
        Assert.That(exitCode, Is.Zero, output + errors);
        Assert.That(errors, Is.Empty);
        return output;
    }

    /// <summary>As bash splits a line: = and : are words of their own.</summary>
    private static string[] Words(string line) =>
        line.Replace("=", " = ", StringComparison.Ordinal).Replace(":", " : ", StringComparison.Ordinal).Split(' ');

    private ConfigurationEnvironment Nothing() => new(new Dictionary<string, string>(), _directory["none"]);
}

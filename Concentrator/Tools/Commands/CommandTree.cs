using System.CommandLine;
using Concentrator.Configuration.Loading;

namespace Concentrator.Tools.Commands;

/// <summary>The whole command line: every command, and <c>run</c> as the default.</summary>
internal static class CommandTree
{
    public static RootCommand Create(ConfigurationEnvironment environment, TextWriter output, TextWriter error)
    {
        ConfiguredOptions options = new(environment, output, error);
        RootCommand root = RunCommand.Complete(
            new RootCommand("Syslog concentrator: receives on HAProxy's socket, UDP, TCP and TLS; writes files and relays over TLS."), options);
        Command[] commands =
        [
            RunCommand.Create(options), CheckCommand.Create(options), DoctorCommand.Create(options), SwitchCommand.Create(options),
            HealthCommand.Create(options), StatusCommand.Create(options), TopCommand.Create(options),
            TapCommand.Create(options), TraceCommand.Create(options), DemoCommand.Create(output),
            SpoolCommand.Create(output, error, Console.OpenStandardOutput), ShadowCommand.Create(output, error),
            ImportCommand.Create(output, error, Console.OpenStandardOutput),
            CompletionCommand.Create(output, error), ManualCommand.Create(output),
        ];
        foreach (Command command in commands) root.Add(command);
        root.Directives.Clear();
        root.Options.OfType<VersionOption>().Single().Action = new VersionAction();
        return root;
    }

    /// <summary>Parses a command line. <c>@FILE</c> is not a response file, and <c>-abc</c> is not a bundle of options.</summary>
    public static ParseResult Parse(RootCommand root, IReadOnlyList<string> words) =>
        root.Parse(words, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
}

using System.Text.RegularExpressions;
using Concentrator.Configuration.Loading;
using NUnit.Framework;

namespace Concentrator.Tests.Tools.Commands;

/// <summary>What <c>--help</c> says of each command: what is hidden is not there.</summary>
internal static partial class HelpTexts
{
    /// <summary>The help of the program and of every command below it, each under all its words.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> AllAsync()
    {
        Dictionary<string, string> texts = [];
        await CollectAsync([], texts);
        return texts;
    }

    /// <summary>The names of the commands that the help lists.</summary>
    public static string[] Commands(string help) =>
    [
        .. help.Split('\n')
            .SkipWhile(static line => !line.StartsWith("Commands:", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(static line => line.StartsWith("  ", StringComparison.Ordinal))
            .Where(static line => line[2] != ' ')
            .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[0]),
    ];

    /// <summary>The options that it lists.</summary>
    public static string[] Options(string help) => [.. Option().Matches(help).Select(static match => match.Groups[1].Value)];

    private static async Task CollectAsync(string[] words, Dictionary<string, string> texts)
    {
        using StringWriter said = new() { NewLine = "\n" };
        ConfigurationEnvironment nothing = new(new Dictionary<string, string>(), "/nonexistent");
        Assert.That(await Program.InvokeAsync([.. words, "--help"], nothing, said, said, CancellationToken.None), Is.Zero, said.ToString());
        string help = said.ToString();
        texts.Add(string.Join(' ', words.Prepend("concentrator")), help);
        foreach (string command in Commands(help)) await CollectAsync([.. words, command], texts);
    }

    [GeneratedRegex(@"^  (?:-\S, )*(--[\w-]+)", RegexOptions.Multiline)]
    private static partial Regex Option();
}

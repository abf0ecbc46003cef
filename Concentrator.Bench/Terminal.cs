using Spectre.Console;

namespace Concentrator.Bench;

/// <summary>A console to draw tables on, wherever the output goes.</summary>
internal static class Terminal
{
    private const int WidthOfAFile = 220;

    /// <summary>Whether what is written there can be written over.</summary>
    public static bool IsLive(TextWriter output) => ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;

    /// <summary>Colours on a terminal; plain text, wide enough for every table, in a file or a pipe.</summary>
    public static IAnsiConsole On(TextWriter output)
    {
        bool isLive = IsLive(output);
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = isLive ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isLive ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
        });
        if (!isLive) console.Profile.Width = WidthOfAFile;
        return console;
    }
}

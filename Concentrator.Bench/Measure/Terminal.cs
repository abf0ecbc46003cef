using Spectre.Console;

namespace Concentrator.Bench.Measure;

/// <summary>Creates a console to draw tables on, for a terminal, a file or a pipe.</summary>
internal static class Terminal
{
    private const int WidthOfAFile = 220;

    /// <summary>Whether output there can be overwritten in place.</summary>
    public static bool IsLive(TextWriter output) => ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;

    /// <summary>With colours on a terminal; plain text, wide enough for every table, in a file or a pipe.</summary>
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

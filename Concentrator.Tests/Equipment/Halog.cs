using System.Globalization;
using NUnit.Framework;

namespace Concentrator.Tests.Equipment;

/// <summary>What HAProxy's own log analyser understands of a file.</summary>
internal sealed record Halog
{
    /// <summary>Lines in the file.</summary>
    public required int Lines { get; init; }

    /// <summary>Lines that are not HAProxy traffic logs in halog's eyes.</summary>
    public required int ParsingErrors { get; init; }

    /// <summary>How often each HTTP status occurs.</summary>
    public required IReadOnlyDictionary<int, int> Statuses { get; init; }

    /// <summary>Runs <c>halog -st</c>, and reads its table from stdout and its summary from stderr.</summary>
    public static Halog Read(string file)
    {
        PeerStart start = new() { Path = Peer.Require("halog", "haproxy"), Arguments = ["-st"] };
        (int exitCode, string output, string errors) = PeerProcess.Run(start, File.ReadAllBytes(file));
        Assert.That(exitCode, Is.Zero, $"halog\n{output}{errors}");
        // "3 lines in, 2 lines out, 1 parsing errors"
        string[] words = errors.Split(' ', '\n');
        Assert.That(words, Has.Length.GreaterThanOrEqualTo(8), $"halog's summary: {errors}");
        return new Halog
        {
            Lines = Number(words[0]),
            ParsingErrors = Number(words[6]),
            Statuses = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => line.Split(' '))
                .ToDictionary(static pair => Number(pair[0]), static pair => Number(pair[1])),
        };
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}

using System.Text.Json;
using Concentrator.Messages.FrameScanning;
using Concentrator.Tests.Parsing;

namespace Concentrator.Tests.FrameScanning;

/// <summary>One connection's bytes as a real HAProxy sent them, and how many frames they hold.</summary>
internal sealed record StreamSample(string Name, Framing Framing, int Frames, byte[] Bytes)
{
    public static readonly IReadOnlyList<StreamSample> All = Load();

    public override string ToString() => Name;

    private static List<StreamSample> Load()
    {
        string directory = Path.Combine(Corpus.Directory, "streams");
        using JsonDocument index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, "index.json")));
        List<StreamSample> samples = [];
        foreach (JsonElement entry in index.RootElement.EnumerateArray())
        {
            string name = entry.GetProperty("file").GetString()!;
            Framing framing = entry.GetProperty("framing").GetString() == "octet" ? Framing.OctetCounted : Framing.Lf;
            samples.Add(new(name, framing, entry.GetProperty("frames").GetInt32(), File.ReadAllBytes(Path.Combine(directory, name))));
        }
        return samples;
    }
}

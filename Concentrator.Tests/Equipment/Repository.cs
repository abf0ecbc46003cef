namespace Concentrator.Tests.Equipment;

/// <summary>The working copy that the tests were built in: its samples are tested as they are.</summary>
internal static class Repository
{
    private static readonly string Root = Find();

    /// <summary>The path of a file in it.</summary>
    public static string PathOf(string file) => Path.GetFullPath(Path.Combine(Root, file));

    public static string Sample(string name) => Path.Combine(Root, "samples", name);

    public static string ReadSample(string name) => File.ReadAllText(Sample(name));

    /// <summary>A file's text, by its path in the working copy; empty when there is none.</summary>
    public static string Read(string path)
    {
        string file = Path.Combine(Root, path);
        return File.Exists(file) ? File.ReadAllText(file) : "";
    }

    private static string Find()
    {
        string? at = AppContext.BaseDirectory;
        while (at is not null && !File.Exists(Path.Combine(at, "concentrator.sln"))) at = Path.GetDirectoryName(at);
        return at ?? throw new DirectoryNotFoundException("concentrator.sln");
    }
}

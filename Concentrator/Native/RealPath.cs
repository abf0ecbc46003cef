namespace Concentrator.Native;

/// <summary>Resolves all symbolic links in a path. Parts that do not exist, or may not be examined, stay as written.</summary>
internal static class RealPath
{
    /// <summary>The kernel's own limit.</summary>
    private const int MostLinks = 40;

    /// <param name="path">Absolute.</param>
    public static string Of(string path)
    {
        int links = 0;
        string done = "";
        Stack<string> rest = new(Parts(path).Reverse());
        while (rest.TryPop(out string? part))
        {
            string here = $"{done}/{part}";
            if (new FileInfo(here).LinkTarget is not { } target || ++links > MostLinks)
            {
                done = here;
                continue;
            }
            foreach (string word in Parts(Path.GetFullPath(target, done.Length == 0 ? "/" : done)).Reverse()) rest.Push(word);
            done = "";
        }
        return done.Length == 0 ? "/" : done;
    }

    private static string[] Parts(string path) => Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries);
}

namespace Concentrator.Native;

/// <summary>Where a path leads, all symbolic links in it followed; what is not there, or may not be looked at, stays as it is written.</summary>
internal static class RealPath
{
    /// <summary>As many as the kernel follows.</summary>
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

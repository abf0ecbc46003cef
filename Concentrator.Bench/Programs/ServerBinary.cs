using Concentrator.Bench.Arguments;

namespace Concentrator.Bench.Programs;

/// <summary>The server as operators run it: the published executable.</summary>
internal sealed class ServerBinary
{
    private readonly string _program;
    private readonly string[] _before;

    private ServerBinary(string program, params string[] before)
    {
        _program = program;
        _before = before;
    }

    /// <summary>Uses the given file, or publishes the project that this tool was built from, once, which takes a minute.</summary>
    /// <param name="file">An executable, or a <c>concentrator.dll</c>; null to publish.</param>
    /// <param name="directory">The directory to publish to.</param>
    /// <exception cref="UnusableException">There is no server to use.</exception>
    public static ServerBinary Get(string? file, BenchDirectory directory, TextWriter output) =>
        file is null ? Publish(directory, output) : At(file, $"--binary {file}");

    /// <param name="file">An executable, or a <c>concentrator.dll</c>.</param>
    /// <param name="said">The command line's text for it, for the error message.</param>
    /// <exception cref="UnusableException">There is no such file.</exception>
    public static ServerBinary At(string file, string said)
    {
        if (!File.Exists(file)) throw new UnusableException($"{said}: the file does not exist");
        string path = Path.GetFullPath(file);
        return path.EndsWith(".dll", StringComparison.Ordinal) ? new ServerBinary(Dotnet, path) : new ServerBinary(path);
    }

    /// <summary>
    /// Starts the server with a configuration and overriding values. As its unit does, gives it a new, empty runtime directory in memory
    /// where this machine has one to give.
    /// </summary>
    public ChildProcess Start(string configuration, IEnumerable<string> overrides, string directory) =>
        new(_program, [.. _before, "run", "--config", configuration, .. overrides], directory, BenchDirectory.InMemory());

    public string Version()
    {
        (int exitCode, IReadOnlyList<string> lines) = ChildProcess.Run(_program, [.. _before, "--version"], TimeSpan.FromSeconds(20));
        if (exitCode != 0 || lines.Count == 0) throw new UnusableException($"{_program} is not the server: --version prints nothing");
        return lines[0].Split('+')[0];
    }

    public static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host
        ? host
        : InstalledProgram.Find("dotnet") ?? throw new UnusableException("dotnet is not in PATH");

    private static ServerBinary Publish(BenchDirectory directory, TextWriter output)
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "concentrator.sln"))) at = at.Parent;
        if (at is null) throw new UnusableException("specify the server with --binary: this tool is not in its source tree");
        output.WriteLine("publishing the server (once; --binary FILE avoids it)");
        string to = directory["publish"];
        using ChildProcess publish = new(
            Dotnet, ["publish", Path.Combine(at.FullName, "Concentrator"), "-c", "Release", "-o", to, "-v", "quiet"], at.FullName);
        if (!publish.WaitForExit(TimeSpan.FromMinutes(10)))
            throw new UnusableException($"publishing failed: {publish.Describe()}");
        return new ServerBinary(Path.Combine(to, "concentrator"));
    }
}

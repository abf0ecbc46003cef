using System.Globalization;

namespace Concentrator.Tests.Equipment;

/// <summary>
/// The server as an operator starts it: a process with a configuration file. Its monitoring port is chosen here and given
/// through the environment, so a test's configuration need not mention it.
/// </summary>
internal sealed class ServerProcess : IDisposable
{
    /// <summary>Names a published executable to test in place of the build's own output.</summary>
    private const string BinaryVariable = "CONCENTRATOR_TEST_BINARY";

    /// <summary>The program, and its first arguments, as a shell script writes them.</summary>
    public static string Quoted => Quote(Program(null));

    /// <summary>The build's own output in any case: a debug build can do what a published one cannot.</summary>
    public static string QuotedBuild => Quote(Build());

    private static readonly HttpClient Http = new() { Timeout = Deadline.Reaction };

    private readonly PeerProcess _process;

    private ServerProcess(PeerProcess process, int monitoringPort)
    {
        _process = process;
        MonitoringPort = monitoringPort;
    }

    public int Pid => _process.Pid;

    public int MonitoringPort { get; }

    public bool HasExited => _process.HasExited;

    /// <summary>Everything it wrote, stdout first. While it runs, its last lines may still be on their way: <see cref="WaitForLine"/>.</summary>
    public string Log => _process.Output.Text() + _process.Errors.Text();

    public IReadOnlyList<string> LogLines => Log.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Writes the configuration, starts <c>run --config</c>, and waits for <c>/readyz</c>.</summary>
    public static ServerProcess Start(
        TempDirectory directory, string configuration, IReadOnlyDictionary<string, string?>? environment = null, string? binary = null)
    {
        ServerProcess server = Launch(directory, configuration, environment, binary);
        try
        {
            server.WaitUntilReady();
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>As <see cref="Start"/>, without waiting: for configurations that must not start.</summary>
    public static ServerProcess Launch(
        TempDirectory directory, string configuration, IReadOnlyDictionary<string, string?>? environment = null, string? binary = null) =>
        Launch(directory, "--config", directory.Write("concentrator.json", configuration), environment, binary);

    /// <summary>Writes the <c>intakes.yaml</c> and starts <c>run --intakes</c>, without waiting.</summary>
    public static ServerProcess LaunchIntakes(TempDirectory directory, string yaml, IReadOnlyDictionary<string, string?>? environment = null) =>
        Launch(directory, "--intakes", directory.Write("intakes.yaml", yaml), environment, null);

    private static ServerProcess Launch(
        TempDirectory directory, string option, string file, IReadOnlyDictionary<string, string?>? environment, string? binary)
    {
        int port = FreePort.Next();
        Dictionary<string, string?> variables = environment is null ? [] : new(environment);
        variables["CONCENTRATOR__Monitoring__Address"] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        variables.TryAdd("CONCENTRATOR__Spool__Directory", directory["spool"]);
        return new ServerProcess(PeerProcess.Start(Command(["run", option, file], directory, variables, binary)), port);
    }

    /// <summary>Any other command, run to its end.</summary>
    public static (int ExitCode, string Output, string Errors) Run(TempDirectory directory, params string[] arguments) =>
        PeerProcess.Run(Command(arguments, directory, new Dictionary<string, string?>(), null));

    /// <summary>Waits for 200 from <c>/readyz</c>; fails with the server's log when it ends instead.</summary>
    public void WaitUntilReady(TimeSpan? within = null) =>
        _process.WaitUntilReady(() => Status("/readyz") == 200, "/readyz says 200", within);

    /// <summary>Waits for a log line that contains the text; all that do.</summary>
    public IReadOnlyList<string> WaitForLine(string text, TimeSpan? within = null)
    {
        string[] found = [];
        Eventually.Holds(
            () => (found = [.. LogLines.Where(line => line.Contains(text, StringComparison.Ordinal))]).Length > 0, $"a log line with \"{text}\"", within, Describe);
        return found;
    }

    /// <summary>The HTTP status of a monitoring path; null when nobody answers.</summary>
    public int? Status(string path)
    {
        try
        {
            using HttpResponseMessage response = Http.Send(Get(path));
            return (int)response.StatusCode;
        }
        catch (Exception silent) when (silent is HttpRequestException or TaskCanceledException)
        {
            return null;
        }
    }

    public MetricsSnapshot Metrics()
    {
        try
        {
            using HttpResponseMessage response = Http.Send(Get("/metrics"));
            response.EnsureSuccessStatusCode();
            return MetricsSnapshot.Parse(Text(response));
        }
        catch (HttpRequestException silent)
        {
            throw new InvalidOperationException($"no metrics: {silent.Message}\n{Describe()}", silent);
        }
    }

    /// <summary>What <c>/status.json</c> says.</summary>
    public string StatusDocument()
    {
        using HttpResponseMessage response = Http.Send(Get("/status.json"));
        response.EnsureSuccessStatusCode();
        return Text(response);
    }

    /// <summary>What <c>/readyz</c> says: "ready", or a line for each reason against it.</summary>
    public string Readiness()
    {
        using HttpResponseMessage response = Http.Send(Get("/readyz"));
        return Text(response).TrimEnd('\n');
    }

    /// <summary>Waits until the metrics say so, and returns them.</summary>
    public MetricsSnapshot WaitForMetrics(Func<MetricsSnapshot, bool> condition, string what, TimeSpan? within = null)
    {
        MetricsSnapshot? seen = null;
        Eventually.Holds(() => condition(seen = Metrics()), what, within, () => $"{seen?.Text}\n{Describe()}");
        return seen!;
    }

    public void Send(Signal signal) => _process.Send(signal);

    public int WaitForExit(TimeSpan? within = null) => _process.WaitForExit(within);

    /// <summary>SIGTERM; the exit code.</summary>
    public int Stop(TimeSpan? within = null) => _process.Terminate(within);

    /// <summary>SIGKILL: nothing is flushed.</summary>
    public void Kill()
    {
        _process.Send(Signal.Kill);
        _process.WaitForExit();
    }

    public string Describe() => _process.Describe();

    public void Dispose() => _process.Dispose();

    private static string Text(HttpResponseMessage response)
    {
        using StreamReader reader = new(response.Content.ReadAsStream());
        return reader.ReadToEnd();
    }

    private HttpRequestMessage Get(string path) =>
        new(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{MonitoringPort}{path}"));

    private static PeerStart Command(
        IReadOnlyList<string> arguments, TempDirectory directory, IReadOnlyDictionary<string, string?> environment, string? binary)
    {
        string[] program = Program(binary);
        return new PeerStart
        {
            Path = program[0],
            Arguments = [.. program[1..], .. arguments],
            WorkingDirectory = directory.Path,
            Environment = WithoutTestersOwn(environment),
        };
    }

    private static string[] Program(string? binary)
    {
        binary ??= Environment.GetEnvironmentVariable(BinaryVariable);
        return string.IsNullOrEmpty(binary) ? Build() : [binary];
    }

    private static string[] Build()
    {
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } host ? host : "dotnet";
        return [dotnet, Path.Combine(AppContext.BaseDirectory, "concentrator.dll")];
    }

    private static string Quote(string[] words) => string.Join(' ', words.Select(static word => $"'{word}'"));

    /// <summary>What the tester's own shell or service manager says to a server must not reach the one under test.</summary>
    private static Dictionary<string, string?> WithoutTestersOwn(IReadOnlyDictionary<string, string?> environment)
    {
        Dictionary<string, string?> variables = Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(static name => name.StartsWith("CONCENTRATOR_", StringComparison.OrdinalIgnoreCase)
                || name is "NOTIFY_SOCKET" or "WATCHDOG_USEC" or "WATCHDOG_PID" or "LISTEN_PID" or "LISTEN_FDS" or "LISTEN_FDNAMES")
            .ToDictionary(static name => name, static _ => (string?)null);
        foreach ((string name, string? value) in environment) variables[name] = value;
        return variables;
    }
}

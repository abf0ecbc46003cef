using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.EndToEnd;

/// <summary>The server started by another program, which changes what it may do or see.</summary>
internal static class Wrapped
{
    /// <summary>A script to start in the server's place: <paramref name="before"/>, then the server in the script's own process.</summary>
    public static string Script(TempDirectory directory, string before)
    {
        string binary = Environment.GetEnvironmentVariable("CONCENTRATOR_TEST_BINARY") is { Length: > 0 } published
            ? $"'{published}'"
            : $"'{Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet"}' '{Path.Combine(AppContext.BaseDirectory, "concentrator.dll")}'";
        string path = directory.Write("wrapped", $"#!/bin/sh\n{before.Replace("SERVER", binary + " \"$@\"", StringComparison.Ordinal)}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}

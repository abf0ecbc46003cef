using Concentrator.Tests.Equipment;

namespace Concentrator.Tests.EndToEnd;

/// <summary>The server started by another program, which changes what it may do or see.</summary>
internal static class Wrapped
{
    /// <summary>A script to start in the server's place: <paramref name="before"/>, then the server in the script's own process.</summary>
    public static string Script(TempDirectory directory, string before) => directory.WriteProgram(
        "wrapped", $"#!/bin/sh\n{before.Replace("SERVER", ServerProcess.Quoted + " \"$@\"", StringComparison.Ordinal)}\n");
}

#!/usr/bin/env bash
# A timer of .NET's that fires once a second switches threads some eight times each time.
#
# What: a System.Threading.Timer with an empty callback, in a process that does nothing else. For each call the timer thread, a worker of
#   the thread pool and the pool's gate thread wake, and wait for one another's locks (.NET 10, compiled just in time or ahead).
# Why it matters: a daemon that looks after itself once a second is not idle: a few timers cost more wake-ups than all of its work at low
#   rates. A thread of one's own that waits with a timeout switches once.
# Expected: two switches, the timer's thread and the one that runs the callback.
#
# Exits 0 while it is so (five and more a call), 1 when the behaviour has changed, 2 when there is no .NET 10 SDK. Everything is built in a
# temporary directory.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v dotnet >/dev/null || { echo "there is no .NET SDK"; exit 2; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

cat >switches.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
</Project>
XML
cat >switches.cs <<'CS'
const int seconds = 10;

// What the start has begun is over by then.
Thread.Sleep(3000);
long idle = During(seconds);
int calls = 0;
using Timer timer = new(_ => Interlocked.Increment(ref calls), null, 1000, 1000);
Thread.Sleep(2500);
int before = calls;
long busy = During(seconds);
double each = (busy - idle) / (double)(calls - before);
Console.WriteLine($".NET {Environment.Version}: {each:0.0} switches of threads a call of the timer, {idle} in {seconds} s without it");
return each >= 5 ? 0 : 1;

static long During(int seconds)
{
    long before = Switches();
    Thread.Sleep(seconds * 1000);
    return Switches() - before;
}

// Threads that have ended meanwhile are left out.
static long Switches() => Directory.GetDirectories("/proc/self/task").Sum(static task =>
{
    try
    {
        return File.ReadLines(Path.Combine(task, "status")).Where(static line => line.StartsWith("voluntary_ctxt", StringComparison.Ordinal))
            .Sum(static line => long.Parse(line.Split('\t')[1]));
    }
    catch (IOException)
    {
        return 0;
    }
});
CS
dotnet build -c Release -o out -v quiet -clp:ErrorsOnly >build.log 2>&1 || { cat build.log; exit 2; }
dotnet out/switches.dll

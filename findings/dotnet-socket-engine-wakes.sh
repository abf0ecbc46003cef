#!/usr/bin/env bash
# .NET's sockets wake two threads for each message of a socket that nobody is reading.
#
# What: from its first asynchronous call on, a socket stays in the epoll set of System.Net.Sockets for good. Each message that arrives while
#   no receive is pending wakes the thread ".NET Sockets" and a thread of the pool, which find nothing to do.
# Why it matters: a server of many slow senders that reads its sockets now and then, to save wake-ups, saves none. A socket that is only
#   ever read by synchronous, non-blocking calls is not in the set and wakes nobody.
# Expected: no wake-ups while no asynchronous call is pending.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when there is no .NET 10 SDK. Everything is built in a temporary directory.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v dotnet >/dev/null || { echo "there is no .NET SDK"; exit 2; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

cat >wakes.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
  </PropertyGroup>
</Project>
XML
cat >wakes.cs <<'CS'
using System.Net;
using System.Net.Sockets;

const int messages = 300;
Console.WriteLine($".NET {Environment.Version}: {Wakes(firstAsync: true)} wake-ups for {messages} messages after one asynchronous receive, "
    + $"{Wakes(firstAsync: false)} where there was none");

static int Wakes(bool firstAsync)
{
    using Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
    listener.Listen();
    using Socket sender = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    sender.Connect(listener.LocalEndPoint!);
    using Socket receiver = listener.Accept();
    if (firstAsync)
    {
        Task<int> first = receiver.ReceiveAsync(new byte[10]);
        sender.Send("x"u8);
        first.Wait();
        Thread.Sleep(100);
    }
    int before = Switches();
    for (int i = 0; i < messages; i++)
    {
        sender.Send("hello"u8);
        Thread.Sleep(5);
    }
    return Switches() - before;
}

// Of the framework's own threads: what the sending thread does is not counted.
static int Switches() => Directory.GetDirectories("/proc/self/task")
    .Where(static task => File.ReadAllText($"{task}/comm") is var name && (name.StartsWith(".NET Sockets") || name.StartsWith(".NET TP Worker")))
    .Sum(static task => File.ReadLines($"{task}/status").Where(static line => line.StartsWith("voluntary_ctxt_switches")).Sum(static line => int.Parse(line.Split(':')[1])));
CS
dotnet build -c Release -v quiet -o out >build.log 2>&1 || { cat build.log; exit 2; }
seen=$(dotnet out/wakes.dll)
echo "expected: few wake-ups in both cases"
echo "seen:     $seen"
read -r pending none < <(sed -E 's/.*: ([0-9]+) wake-ups .* ([0-9]+) where.*/\1 \2/' <<<"$seen")
[ "$pending" -ge 250 ] && [ "$none" -le 60 ] || { echo "changed"; exit 1; }

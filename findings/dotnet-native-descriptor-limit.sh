#!/usr/bin/env bash
# The same .NET program has another limit of file descriptors when it is compiled natively.
#
# What: CoreCLR raises the soft limit of open files (RLIMIT_NOFILE) to the hard one when a process starts. A program that was compiled
#   ahead (PublishAot) keeps the soft limit that it was given, 1,024 from a shell or from systemd.
# Why it matters: a server that was tried with `dotnet run` and is shipped natively refuses connections at a tenth of what it took, or
#   fails wherever it opens a file next. It has to call setrlimit itself.
# Expected: the same limit, or a word about it in the documentation of native deployment.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when there is no .NET 10 SDK, no clang and lld, or the hard limit leaves
# nothing to see. Everything is built in a temporary directory.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
command -v dotnet >/dev/null || { echo "there is no .NET SDK"; exit 2; }
command -v clang >/dev/null && command -v ld.lld >/dev/null || { echo "compiling natively needs clang and lld"; exit 2; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

cat >limit.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <RuntimeIdentifier>linux-x64</RuntimeIdentifier>
    <PublishAot>true</PublishAot>
    <LinkerFlavor>lld</LinkerFlavor>
    <InvariantGlobalization>true</InvariantGlobalization>
  </PropertyGroup>
</Project>
XML
cat >limit.cs <<'CS'
string line = File.ReadLines("/proc/self/limits").Single(static line => line.StartsWith("Max open files", StringComparison.Ordinal));
Console.WriteLine(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3]);
CS
dotnet build -c Release -o managed -v quiet -clp:ErrorsOnly >build.log 2>&1 || { cat build.log; exit 2; }
dotnet publish -c Release -o native -v quiet -clp:ErrorsOnly >build.log 2>&1 || { cat build.log; exit 2; }
[ "$(ulimit -Hn)" = unlimited ] || [ "$(ulimit -Hn)" -gt 256 ] || { echo "the hard limit is too low"; exit 2; }
managed=$(ulimit -Sn 256 && dotnet managed/limit.dll)
native=$(ulimit -Sn 256 && native/limit)
echo ".NET $(dotnet --version) SDK, soft limit 256, hard limit $(ulimit -Hn): $managed under CoreCLR, $native compiled natively"
[ "$native" = 256 ] && [ "$managed" != 256 ]

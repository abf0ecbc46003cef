#!/usr/bin/env bash
# The token that NATS.Net takes to cancel the command that subscribes ends the subscription, too, whenever it is cancelled later.
#
# What: SubscribeCoreAsync is awaited to its end, a message is received, and then the token that was given to it is cancelled. The client unsubscribes,
#   and the channel of the subscription is closed. So it is in NATS.Client.Core 3.3.2, with nats-server 2.9.10 (Debian 12).
# Why it matters: a deadline for a connect (CancelAfter, a linked source that is cancelled when the attempt is over) is what such tokens are for. A
#   relay that subscribes to its acknowledgements during that attempt gets none afterwards, and takes everything for lost.
# Expected: what the documentation says of the parameter, "used to cancel the command": with the command done, it has no effect.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; wait; rm -rf "$work"' EXIT
command -v dotnet >/dev/null || { echo "there is no .NET SDK"; exit 2; }
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
"$here/debian-root" bookworm "$work/root" nats-server || exit 2
grep '^nats-server ' "$work/root/packages"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$work/root/in-root" nats-server -a 127.0.0.1 -p "$port" >"$work/log" 2>&1 &
server=$!

mkdir "$work/client" && cd "$work/client"
cat >client.csproj <<'XML'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType>
    <TargetFramework>net10.0</TargetFramework>
    <ImplicitUsings>enable</ImplicitUsings>
    <Nullable>enable</Nullable>
    <NoWarn>NU1603</NoWarn>
  </PropertyGroup>
  <ItemGroup><PackageReference Include="NATS.Client.Core" Version="3.3.2" /></ItemGroup>
</Project>
XML
cat >client.cs <<'CS'
using NATS.Client.Core;

await using NatsConnection nats = new(new NatsOpts { Url = args[0], RetryOnInitialConnect = true });
await nats.ConnectAsync();
using CancellationTokenSource command = new();
INatsSub<string> one = await nats.SubscribeCoreAsync<string>("events", cancellationToken: command.Token);
INatsSub<string> other = await nats.SubscribeCoreAsync<string>("events");

(string, string) before = await SayAsync("first");
command.Cancel();
(string, string) after = await SayAsync("second");
Console.WriteLine($"before the token is cancelled: {before}; after: {after}");
return (before, after) == (("first", "first"), ("closed", "second")) ? 0 : 1;

async Task<(string, string)> SayAsync(string text)
{
    await nats.PublishAsync("events", text);
    await nats.PingAsync();
    return (await NextAsync(one), await NextAsync(other));
}

static async Task<string> NextAsync(INatsSub<string> subscription)
{
    using CancellationTokenSource patience = new(TimeSpan.FromSeconds(3));
    try
    {
        return (await subscription.Msgs.ReadAsync(patience.Token)).Data ?? "";
    }
    catch (System.Threading.Channels.ChannelClosedException)
    {
        return "closed";
    }
    catch (OperationCanceledException)
    {
        return "nothing";
    }
}
CS
dotnet build -v quiet -o out >build.log 2>&1 || { cat build.log; exit 2; }
dotnet out/client.dll "nats://127.0.0.1:$port"

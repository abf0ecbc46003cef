#!/usr/bin/env bash
# A subscription of NATS.Net to a subject below NewInbox() receives nothing; below any other prefix it does.
#
# What: NewInbox() gives _INBOX.ID.NUMBER. Subscribed to that subject, the client receives what is sent to it. Subscribed to INBOX.1 or INBOX.*, it
#   receives nothing, and no error tells why; a subscription to elsewhere.1 or elsewhere.* on the same connection does. So it is in NATS.Client.Core
#   3.3.2, with nats-server 2.9.10 (Debian 12).
# Why it matters: one inbox with a number behind it for each request is how clients in other languages await many publish acknowledgements with one
#   subscription. Here they are all taken for lost, and published again.
# Expected: a subject below an inbox is a subject as any other.
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

string[] forms = ["", ".1", ".*"];
int changed = 0;
foreach (string form in forms)
{
    // A connection of its own each time: no subscription has to do with another.
    await using NatsConnection nats = new(new NatsOpts { Url = args[0], RetryOnInitialConnect = true });
    await nats.ConnectAsync();
    string inbox = await ReceivesAsync(nats, nats.NewInbox(), form);
    string elsewhere = await ReceivesAsync(nats, "elsewhere.9", form);
    Console.WriteLine($"subscribed to PREFIX{form}: below an inbox {inbox}, elsewhere {elsewhere}");
    if (elsewhere != "received" || (inbox == "received") != (form.Length == 0)) changed = 1;
}
return changed;

static async Task<string> ReceivesAsync(NatsConnection nats, string prefix, string form)
{
    INatsSub<string> subscription = await nats.SubscribeCoreAsync<string>(prefix + form);
    await nats.PublishAsync(prefix + form.Replace('*', '1'), "text");
    await nats.PingAsync();
    using CancellationTokenSource patience = new(TimeSpan.FromSeconds(2));
    try
    {
        await subscription.Msgs.ReadAsync(patience.Token);
        return "received";
    }
    catch (OperationCanceledException)
    {
        return "nothing";
    }
}
CS
dotnet build -v quiet -o out >build.log 2>&1 || { cat build.log; exit 2; }
dotnet out/client.dll "nats://127.0.0.1:$port"

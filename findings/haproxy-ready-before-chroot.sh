#!/usr/bin/env bash
# HAProxy tells systemd that it is ready before its worker has changed its root.
#
# What: with -Ws the master forks the worker, sends READY=1, and the worker changes its root, group and user after that, in its own time. strace holds
#   the call up here, as a busy machine does for a moment.
# Why it matters: `systemctl start haproxy` returns, and what a tool then sees through /proc/PID/root of the new worker is the host's root; a mount
#   over the chroot that is made and removed in that moment stays the worker's root until the next reload, and log lines sent to a path go nowhere.
# Expected: READY=1 when the worker has its chroot (sd_notify: "service startup is finished, or the service finished re-loading its configuration").
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when the packages cannot be had. Another suite may be named: trixie
# has 3.0, where it is so too; the 3.2 of sid waits for its worker.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
# The master is strace's child; when it has ended, strace ends.
trap 'kill $(cat /proc/${strace:-0}/task/${strace:-0}/children 2>/dev/null) 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" "${1:-bookworm}" "$root" haproxy strace || exit 2
grep '^haproxy ' "$root/packages"

mkdir -p "$root/jail"
cat >"$root/haproxy.cfg" <<CFG
global
    chroot /jail
defaults
    mode http
    timeout client 5s
    timeout server 5s
    timeout connect 5s
frontend web
    bind unix@/web
    http-request return status 200
CFG

cat >"$work/listen.py" <<'PY'
import os, socket, sys, time

root = sys.argv[1]
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(root + "/notify")
os.chmod(root + "/notify", 0o666)
notify.settimeout(30)
print("listening", flush=True)
while b"READY=1" not in notify.recv(4096):
    pass

def workers():
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/comm") as name, open(f"/proc/{pid}/status") as status:
                parent = next(line.split()[1] for line in status if line.startswith("PPid:"))
                with open(f"/proc/{parent}/comm") as above:
                    if name.read() == above.read() == "haproxy\n" and os.readlink(f"/proc/{pid}/root").startswith(root):
                        found.append(pid)
        except (OSError, StopIteration):
            continue
    return found

def has_jail():
    return [os.readlink(f"/proc/{pid}/root") == root + "/jail" for pid in workers()]

deadline = time.time() + 1
while not workers() and time.time() < deadline:
    time.sleep(0.01)
first = has_jail()
deadline = time.time() + 20
while has_jail() != [True] and time.time() < deadline:
    time.sleep(0.1)
print("at READY=1", "in its chroot" if first == [True] else "not in its chroot", "- later", "in its chroot" if has_jail() == [True] else "not in its chroot", flush=True)
PY
touch "$work/said"
python3 "$work/listen.py" "$(realpath "$root")" >"$work/said" & listener=$!
until grep -q listening "$work/said"; do sleep 0.05; done
NOTIFY_SOCKET=/notify "$root/in-root" strace -f -qq -o /trace -e trace=chroot -e inject=chroot:delay_enter=4000000 haproxy -Ws -f /haproxy.cfg 2>/dev/null & strace=$!
wait "$listener"
seen=$(tail -n 1 "$work/said")
echo "seen:     $seen"
echo "expected: at READY=1 in its chroot - later in its chroot"
[ "$seen" = "at READY=1 not in its chroot - later in its chroot" ] || { echo "the behaviour has changed"; exit 1; }

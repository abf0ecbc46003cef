#!/usr/bin/env bash
# The first word of each message is the program, where Log4j writes syslog in its default format.
#
# What: `<Syslog>` of Log4j 2.19.0 (Debian 12) without `format` writes `<134>Nov 28 01:02:03 host text`: RFC 3164 without a tag (section 4.1.3 has
#   the TAG as the name of the program), and takes `appName` for RFC 5424 alone. rsyslog 8.2302 makes the text's first word the tag.
# Why it matters: filters by program see programs such as `User`, `Connection` and `Could`; each service has hundreds, none its own.
# Expected: the program's name and a colon in front of the text.
#
# Exits 0 while it is so, 1 when the behaviour has changed, 2 when there is no JDK or the packages cannot be had.
set -euo pipefail
here=$(dirname "$(realpath "$0")")
command -v javac >/dev/null || { echo "there is no JDK"; exit 2; }
work=$(mktemp -d)
trap 'kill ${rsyslog:-} 2>/dev/null || true; wait; rm -rf "$work"' EXIT
root=$work/root
"$here/debian-root" bookworm "$root" liblog4j2-java rsyslog || exit 2
grep -E '^(liblog4j2-java|rsyslog) ' "$root/packages"

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >"$root/rsyslog.conf" <<CONF
module(load="imudp")
input(type="imudp" address="127.0.0.1" port="$port")
template(name="parts" type="string" string="program %programname%, text%msg%\n")
action(type="omfile" file="/parts" template="parts")
CONF
"$root/in-root" rsyslogd -n -i /pid -f /rsyslog.conf >"$work/log" 2>&1 & rsyslog=$!
for _ in $(seq 100); do grep -q "$(printf ':%04X ' "$port")" /proc/net/udp && break; sleep 0.1; done
cat >"$work/Send.java" <<'JAVA'
import org.apache.logging.log4j.*;

public class Send {
    public static void main(String[] arguments) {
        LogManager.getLogger("example").info("User admin logged in");
        LogManager.getLogger("example").info("Connection lost");
    }
}
JAVA
cat >"$work/log4j2.xml" <<XML
<Configuration>
  <Appenders><Syslog name="syslog" host="127.0.0.1" port="$port" protocol="UDP" appName="billing" facility="LOCAL0"/></Appenders>
  <Loggers><Root level="info"><AppenderRef ref="syslog"/></Root></Loggers>
</Configuration>
XML
jars=$root/usr/share/java/log4j-api.jar:$root/usr/share/java/log4j-core.jar
javac -cp "$jars" -d "$work" "$work/Send.java" 2>"$work/log.javac" || { cat "$work/log.javac"; exit 2; }
java -cp "$work:$jars" -Dlog4j2.configurationFile="$work/log4j2.xml" Send
for _ in $(seq 100); do [ "$(wc -l <"$root/parts" 2>/dev/null || echo 0)" -ge 2 ] && break; sleep 0.1; done
cat "$root/parts"
[ "$(cat "$root/parts")" = "program User, text admin logged in
program Connection, text lost" ] || { echo "the behaviour has changed"; exit 1; }

"""The shell script that watches over a device's temporary folder, and the one that runs a command in it.

The watch lives on the device as long as its stdin is open and a line comes at least once in `SILENCE_SECONDS`. When the
connection ends for any reason (we close it, we are killed, the network or the cable is gone) it ends what was started
and removes the folder. So cleaning up does not need a connection that works. Both scripts are POSIX and run in dash,
busybox and Android's shell.
"""

import shlex
from collections.abc import Sequence

BEAT_SECONDS = 15
SILENCE_SECONDS = 60
REMOVED = "removed"
_FOLDERS = '"$TMPDIR" /data/local/tmp /tmp "$HOME"'

# The number of this shell's process group: the third field after the name in brackets.
_GROUP = 'group() { read -r stat < /proc/$$/stat; set -- ${stat##*) }; echo "$3"; }'

WATCH = f"""
umask 077
for base in {_FOLDERS}; do
  [ -n "$base" ] && d=$(mktemp -d "$base/tfkws-XXXXXXXX" 2>/dev/null) && break
done
[ -d "$d" ] || {{ echo "no folder for temporary files can be written" >&2; exit 1; }}
mkdir "$d/.running"
{_GROUP}
own=$(group)
tidy() {{
  for f in "$d"/.running/*; do
    [ -e "$f" ] && read -r led pid < "$f" || continue
    [ "$led" != "$own" ] && kill -KILL -"$led" 2>/dev/null
    kill -KILL "$pid" 2>/dev/null
  done
  cd / && rm -rf "$d" || {{ sleep 1; rm -rf "$d"; }}
}}
( trap '' HUP INT PIPE
  trap 'kill $nap; exit' TERM
  while sleep {SILENCE_SECONDS} & nap=$!; wait $nap; do
    [ -e "$d/.beat" ] || {{ tidy; kill -KILL $$; exit; }}
    rm -f "$d/.beat"
  done ) < /dev/null > /dev/null 2>&1 &
silence=$!
trap '' HUP INT TERM PIPE
echo "$d"
while read -r line; do : > "$d/.beat"; done
kill -TERM $silence
wait $silence
tidy
echo {REMOVED}
"""

# "$0" is the folder, the rest the command, whose stdin goes by descriptor 3 because shells give /dev/null to what runs
# in the background. sshd and adbd give each command a process group of its own, which the watch ends as a whole; where
# a server does not and the group is the watch's too, the watch ends the command alone. It is written down before the
# command starts, and where the watch has gone meanwhile nothing is left running.
_RUN = f"""
{_GROUP}
cd "$0" || exit 1
echo "$(group) $$" > .running/$$ || exit 1
exec 3<&0
"$@" <&3 3<&- &
exec 3<&-
echo "$(group) $!" > .running/$$ || {{ kill -KILL $!; exit 1; }}
wait $!
code=$?
rm -f .running/$$
exit $code
"""


def command_line(folder: str, command: Sequence[str]) -> str:
    """Return one line for the device's shell that runs a command in the folder under the watch."""
    return shlex.join(["sh", "-c", _RUN, folder, *command])


def watch_line() -> str:
    """Return one line for the device's shell that starts the watch; it prints the folder first."""
    return shlex.join(["sh", "-c", WATCH])

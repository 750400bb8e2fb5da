/** The first thing that runs inside, before the untrusted command, and what the launcher makes of its report. */

/** Descriptors of the launched process, beside its three streams. */
export const FD = { args: 3, filter: 4, passwd: 5, group: 6, hosts: 7, lifeline: 8, empty: 9 } as const;

const LIFELINE = FD.lifeline;

/** Exit code of a prelude that was told to stop, or whose launcher is gone. */
export const NOT_STARTED = 125;

/**
 * For bash, the only shell that can name descriptors above 9. Closes what was inherited, reports what it sees of its
 * walls, waits for `go`, and leaves a watcher behind that ends everything when the launcher's end of the lifeline closes.
 * Without `go` the command never starts: a launcher that dies at any moment leaves nothing, because a sandbox that was
 * being made goes on until it reads here that nobody is there. A death signal on bubblewrap itself, or a status pipe that
 * breaks, would stop it half-way, with an idle process left. `limits` is a command that sets them.
 */
export const sandboxPrelude = (limits: string): string => `
for f in /proc/self/fd/*; do n=\${f##*/}; [ "$n" -gt 2 ] && [ "$n" -ne ${LIFELINE} ] && eval "exec $n>&-"; done
report=
echo 500 >/proc/self/oom_score_adj # when memory ends, a session ends before a role
${limits} || report=' limits:refused'
while read -r key value; do
  case $key in CapEff:|NoNewPrivs:|Seccomp:) report="$report $key$value";; esac
done </proc/self/status
while read -r name _; do
  case $name in lo:*|Inter-*|face*) ;; *) report="$report net:$name";; esac
done </proc/net/dev
for place in / /usr /etc /proc/sys/kernel/core_pattern; do [ -w "$place" ] && report="$report writable:$place"; done
for f in /proc/self/fd/*; do n=\${f##*/}; [ "$n" -gt 2 ] && [ "$n" -ne ${LIFELINE} ] && [ -e "$f" ] && report="$report fd:$n"; done
echo "$report" >&${LIFELINE}
read -r -u${LIFELINE} go && [ "$go" = go ] || exit ${NOT_STARTED}
{ read -r -u${LIFELINE} _; kill -9 -1; } </dev/null >/dev/null 2>&1 &
exec ${LIFELINE}<&-
exec "$@"
`;

/**
 * The same without a sandbox: closes what was inherited, waits for `go`, and leaves a watcher that ends the process group,
 * and first what has left it but carries the launch's mark.
 */
export const OPEN_PRELUDE = `
for f in /proc/self/fd/*; do n=\${f##*/}; [ "$n" -gt 2 ] && [ "$n" -ne ${LIFELINE} ] && eval "exec $n>&-"; done
echo open >&${LIFELINE}
read -r -u${LIFELINE} go && [ "$go" = go ] || exit ${NOT_STARTED}
{
  read -r -u${LIFELINE} _
  for p in $(grep -lzsFx "TACKROOM_LAUNCH=$TACKROOM_LAUNCH" /proc/[0-9]*/environ); do
    p=\${p#/proc/}; p=\${p%/environ}
    [ "$p" -ne "$BASHPID" ] && kill -9 "$p"
  done
  kill -9 -- -$$
} </dev/null >/dev/null 2>&1 &
exec ${LIFELINE}<&-
exec "$@"
`;

/** What the report of a sandbox without a hole says. */
const SOUND = ['CapEff:0000000000000000', 'NoNewPrivs:1', 'Seccomp:2'] as const;

/** Why the command must not start: empty when every wall stands. `report` is the line that the prelude wrote. */
export function faultsOf(report: string): readonly string[] {
  const seen = report.trim().split(/\s+/);
  const missing = SOUND.filter((word) => !seen.includes(word)).map((word) => `expected ${word}`);
  const unexpected = seen.filter((word) => !(SOUND as readonly string[]).includes(word)).map((word) => `saw ${word}`);
  return [...missing, ...unexpected];
}

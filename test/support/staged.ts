/** A checkout below root's home, shown at a place that everybody can enter. */
import { mkdirSync, statSync } from 'node:fs';
import { bindLine, STAGE } from '../../src/sandbox/isolation/stage.ts';

/** The words that put a command into a mount namespace where each path of the host lies at `STAGE/0`, `STAGE/1` … */
export function stagedWords(hosts: readonly string[]): readonly string[] {
  mkdirSync(STAGE, { recursive: true, mode: 0o755 });
  const places = hosts.map((host, n) => ({ host, staged: `${STAGE}/${n}` }));
  const made = places.map(({ host, staged }) => `${statSync(host).isDirectory() ? 'mkdir' : 'touch'} ${staged}`);
  const fill = [
    `mount -t tmpfs -o mode=0755 stage ${STAGE}`,
    ...made,
    `n=${hosts.length}; while [ $n -gt 0 ]; do printf '%s\\n' "$1" >>${STAGE}/table; shift; n=$((n-1)); done`,
  ];
  const script = `set -e; ${fill.join('; ')}; mount --all --fstab ${STAGE}/table`;
  const unshare = ['unshare', '--mount', '--propagation', 'private', '--'];
  return [...unshare, '/bin/sh', '-c', `${script}; exec "$@"`, 'stage', ...places.map(bindLine)];
}

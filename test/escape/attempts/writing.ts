/** W: what lies outside of the session’s folders, and what would act there later. */
import { chownSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastLine, type Attempt, type Outcome, type Side } from '../attempt.ts';
import { perl } from '../host.ts';

const NAME = `tack-escape-${process.pid}`;

export const WRITING: readonly Attempt[] = [
  {
    id: 'W1',
    attempt: 'write into the system, the person’s home, the session’s folder',
    expected: 'nothing on the host',
    async run({ kind, place, sh }) {
      // the control stays out of the system's folders
      const system = kind === 'inside' ? ['/usr', '/usr/local/bin', '/etc', '/var', '/', '/opt', '/run', '/home'] : [];
      const folders = [...system, '/var/tmp', place.home, join(place.folders.work, '..')];
      const { err } = await sh('for d in $FOLDERS; do touch "$d/$NAME"; done', {
        env: { FOLDERS: folders.join(' '), NAME },
      });
      const made = folders.map((folder) => join(folder, NAME)).filter((path) => existsSync(path));
      for (const path of made) rmSync(path);
      return { through: made.length > 0, saw: made[0] ?? lastLine(err) };
    },
  },
  {
    id: 'W8',
    attempt: 'leave a setuid or setgid program in the worktree',
    expected: 'refused; the mode on the host has no such bit',
    async run({ place, sh }) {
      const { err } = await sh(
        'cp /bin/true t; cp t u; cp t v; chmod 4755 t; install -m 4755 t w; chmod 2755 u; perl -e \'chmod 06755, "v"\'',
      );
      const modes = ['t', 'u', 'v', 'w'].map(
        (name) => lstatSync(join(place.folders.work, name), { throwIfNoEntry: false })?.mode ?? 0,
      );
      return {
        through: modes.some((mode) => (mode & 0o6000) !== 0),
        saw: modes.map((mode) => (mode & 0o7777).toString(8)).join(' ') + ` ${lastLine(err)}`,
      };
    },
  },
  {
    id: 'W8',
    attempt: 'leave a program with a capability in the worktree',
    expected: 'refused; no such attribute on the host',
    needs_root: true,
    async run({ place, sh }) {
      // version 2, effective, CAP_SYS_ADMIN
      const set = `perl -e 'my ($f, $k, $v) = ("t", "security.capability", pack("L5", 0x02000001, 1 << 21, 0, 0, 0)); syscall(${SETXATTR}, $f, $k, $v, 20, 0) == 0 or print "refused: $!"'`;
      const { out } = await sh(`cp /bin/true t; ${set}`);
      const look = `my ($f, $k, $v) = ("$ARGV[0]", "security.capability", "\\0" x 64); my $n = syscall(${GETXATTR}, $f, $k, $v, 64); print $n > 0 ? "held" : "none"`;
      const seen = perl(look, join(place.folders.work, 't'));
      return { through: seen === 'held', saw: out || seen };
    },
  },
  {
    id: 'W8',
    attempt: 'leave a device file in the worktree',
    expected: 'refused; no device on the host',
    needs_root: true,
    async run({ place, sh }) {
      const { err } = await sh('mknod disk b 8 0; mknod mem c 1 1');
      const made = readdirSync(place.folders.work).filter((name) => ['disk', 'mem'].includes(name));
      return { through: made.length > 0, saw: made.join(' ') || lastLine(err) };
    },
  },
  {
    id: 'W9',
    attempt: 'write settings of the kernel (the same value)',
    expected: 'read-only',
    needs_root: true,
    async run({ sh }) {
      const { out, err } = await sh(`for f in kernel/core_pattern vm/swappiness kernel/hostname; do
        v=$(cat /proc/sys/$f); echo "$v" > /proc/sys/$f && echo "wrote $f"; done`);
      return { through: out.includes('wrote'), saw: lastLine(out) || lastLine(err) };
    },
  },
  {
    id: 'W10',
    attempt: 'reopen a read-only file of the host for writing by /proc/self/fd',
    expected: 'read-only file system',
    async run(side) {
      const tool = aTool(side);
      const FILE = side.kind === 'inside' ? '/opt/tool/tool.sh' : join(tool, 'tool.sh');
      const more = { read_only: [{ host: tool, inside: '/opt/tool' }] };
      const script =
        'exec 9<"$FILE"; echo planted > /proc/self/fd/9; echo planted >> "$FILE"; cp /bin/true "$FILE"; chmod 777 "$FILE"; mv "$FILE" "$FILE.old"';
      const { err } = await side.sh(script, { env: { FILE }, ...(side.kind === 'inside' && { more }) });
      const now = existsSync(join(tool, 'tool.sh')) ? readFileSync(join(tool, 'tool.sh'), 'latin1') : 'moved';
      return { through: now !== 'tool\n', saw: lastLine(err) || 'written' };
    },
  },
  {
    id: 'W11',
    attempt: 'replace the socket of the broker',
    expected: 'read-only; it still answers on the host',
    async run(side) {
      const { dir, close } = await anEndpoint(side);
      const D = side.kind === 'inside' ? '/run/tack' : dir;
      const { err } = await side.sh('rm -f "$D/e.sock"; touch "$D/x"; mv "$D" "$D.old"; mkdir "$D"', {
        env: { D },
        ...(side.kind === 'inside' && { more: { endpoint_dir: dir } }),
      });
      const now = existsSync(dir) ? readdirSync(dir).join(' ') : 'moved';
      close();
      return { through: now !== 'e.sock', saw: lastLine(err) || `now: ${now}` };
    },
  },
  ...[
    '.vscode/tasks.json',
    '.mcp.json',
    '.envrc',
    '.claude/commands/x.md',
    '.codex/config.toml',
    '.idea/x.xml',
    '.gitmodules',
  ].map((path): Attempt => ({
    id: 'W13',
    attempt: `plant ${path} for an editor, a shell or an agent`,
    expected: 'empty or absent on the host',
    async run({ kind, place, sh }): Promise<Outcome> {
      const around = kind === 'inside' ? 'mv "${F%%/*}" x; ln -sfn /bin "${F%%/*}"; rm -rf "${F%%/*}";' : '';
      const { err } = await sh(`${around} mkdir -p "$(dirname "$F")"; echo planted > "$F"`, { env: { F: path } });
      const file = join(place.folders.work, path);
      const stat = lstatSync(file, { throwIfNoEntry: false });
      const through = stat !== undefined && (stat.isSymbolicLink() || stat.size > 0);
      return { through, saw: through ? 'it is there' : lastLine(err) };
    },
  })),
];

const [SETXATTR, GETXATTR] = process.arch === 'arm64' ? [5, 8] : [188, 191];

/** A file that the session's user owns on the host: only the mount keeps it. */
function aTool({ place }: Side): string {
  const tool = join(place.home, 'tool');
  mkdirSync(tool);
  writeFileSync(join(tool, 'tool.sh'), 'tool\n');
  for (const path of [tool, join(tool, 'tool.sh')]) chownSync(path, place.sandbox.uid, place.sandbox.uid);
  return tool;
}

async function anEndpoint({ place, host }: Side): Promise<{ readonly dir: string; close(): void }> {
  const dir = join(place.home, 'e');
  mkdirSync(dir);
  const close = await host.listen(join(dir, 'e.sock'));
  for (const path of [dir, join(dir, 'e.sock')]) chownSync(path, place.sandbox.uid, place.sandbox.uid);
  return { dir, close };
}

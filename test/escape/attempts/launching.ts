/** W12 and after: what a launch would be led into by what lies in the session's folders, and what it brings along. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, renameSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aRequest } from '../../integration/sandbox/place.ts';
import { leaked, lastLine, type Attempt, type Outcome } from '../attempt.ts';
import { aWorktree } from './planting.ts';
import { hide } from './reading.ts';

const WORKER = fileURLToPath(new URL('../../integration/sandbox/worker-program.ts', import.meta.url));
/** How often a path is swapped under a launch. */
const TRIES = Number(process.env['TACK_ESCAPE_TRIES'] ?? 40);

/** A launcher that trusts what it finds: it mounts in the folder of the session. */
const naive = (work: string, part: string): readonly string[] => [
  ...['bwrap', '--bind', '/', '/', '--dev', '/dev', '--tmpfs', `${work}/.git/${part}/deep`, '--', 'true'],
];

export const LAUNCHING: readonly Attempt[] = [
  ...['info', 'hooks', 'modules', 'worktrees', 'objects', 'objects/info'].map((part): Attempt => ({
    id: 'W12',
    attempt: `make .git/${part} a symlink before the next launch`,
    expected: 'refused; nothing is made where it leads',
    async run({ kind, place }) {
      const { objects } = await aWorktree(place);
      const target = join(place.home, 'target');
      mkdirSync(target, { mode: 0o777 });
      const path = join(place.folders.work, '.git', part);
      renameSync(path, join(place.home, 'moved'));
      symlinkSync(relative(join(path, '..'), target), path);
      const said =
        kind === 'bare'
          ? spawnSync('bwrap', naive(place.folders.work, part).slice(1), { encoding: 'utf8' }).stderr
          : await place.sandbox.launch({ ...aRequest(place.folders), base_objects: objects }).then(
              async (running) => {
                await running.kill();
                return 'it started';
              },
              (error: Error) => error.message,
            );
      const made = readdirSync(target);
      return {
        through: made.length > 0 || said === 'it started',
        saw: made.join(' ') || said.replace(place.home, '').slice(0, 80),
      };
    },
  })),
  {
    id: 'W15',
    attempt: `swap folders of .git for symlinks while the next launch is made (${TRIES} tries)`,
    expected: 'nothing is made where they lead',
    async run({ kind, place, start }): Promise<Outcome> {
      const { objects } = await aWorktree(place);
      const target = join(place.home, 'target');
      mkdirSync(target, { mode: 0o777 });
      // by its path, by where a launcher that is at work has the host, and from the folder itself
      const swap = `chdir ".git"; $| = 1; print "ready\n"; my $n = 0; my $pause = sub { select(undef, undef, undef, 0.003) };
        while (1) { my @all = ("hooks", "info", $n++ % 2 ? "objects" : "objects/info"); my @swapped;
          for my $p (@all) { my $up = "../../../.." . ("/.." x ($p =~ tr!/!!)); my $t = ("$up/target", $ENV{TARGET}, "/oldroot$ENV{TARGET}")[$n % $ENV{KINDS}];
            push @swapped, $p if rename($p, "$p.kept") && symlink($t, $p) }
          $pause->(); for my $p (@swapped) { unlink($p); rename("$p.kept", $p) } $pause->() }`;
      const attacker = await start('exec perl -e "$SWAP"', {
        env: { SWAP: swap, TARGET: target, KINDS: kind === 'bare' ? '1' : '3' },
        ...(kind === 'inside' && { more: { base_objects: objects } }),
      });
      const rounds = kind === 'bare' ? 1_000 : TRIES; // the control ends with its first success
      let refused = 0;
      for (let round = 0; round < rounds && readdirSync(target).length === 0; round++) {
        if (kind === 'bare')
          spawnSync(
            'bwrap',
            naive(place.folders.work, ['objects/info', 'objects', 'hooks', 'info'][round % 4] as string).slice(1),
          );
        else
          await place.sandbox.launch({ ...aRequest(place.folders), base_objects: objects }).then(
            (running) => running.kill(),
            () => (refused += 1),
          );
      }
      await attacker.end();
      const made = readdirSync(target);
      return {
        through: made.length > 0,
        saw: made.length > 0 ? `made there: ${made.join(' ')}` : `${rounds - refused} started, ${refused} refused`,
      };
    },
  },
  {
    id: 'R8',
    attempt: 'read files that the worker inherited open (descriptors 20 and 77)',
    expected: 'closed',
    async run(side) {
      const secret = hide(side, 'secret');
      // files only: the pipes of others on the bare machine would be waited for, and emptied
      const read =
        'cat <&20; cat <&77; for f in /proc/*/fd/20 /proc/*/fd/77; do [ -f "$f" ] && cat "$f"; done; ls /proc/self/fd | wc -l';
      const program =
        side.kind === 'bare'
          ? [
              process.execPath,
              '-e',
              `require('child_process').spawnSync('bash', ['-c', ${JSON.stringify(read)}], { stdio: 'inherit' })`,
            ]
          : [
              process.execPath,
              WORKER,
              'print',
              JSON.stringify({ ...aRequest(side.place.folders), argv: ['bash', '-c', read] }),
            ];
      const done = spawnSync('bash', ['-c', 'exec 20<"$1" 77<"$1"; shift; exec "$@"', 'x', secret, ...program], {
        encoding: 'utf8',
      });
      return leaked({ out: done.stdout, err: done.stderr, code: done.status }, side.host.canary);
    },
  },
  {
    id: 'P12',
    attempt: 'speak to another command of the session’s launcher through its standard input',
    expected: 'no such device: a socket',
    async run({ kind, place }) {
      const script = '(echo injected > /proc/$$/fd/0) 2>&1; read -r line; echo "heard $line"';
      if (kind === 'bare') {
        const child = spawn('bash', ['-c', `mkfifo f; bash -c '${script.replaceAll("'", `'\\''`)}' <>f; rm f`], {
          cwd: place.folders.work,
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        let said = '';
        child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
        await once(child, 'close');
        return { through: said.includes('heard injected'), saw: lastLine(said) };
      }
      const running = await place.sandbox.launch({ ...aRequest(place.folders), argv: ['bash', '-c', script] });
      let said = '';
      running.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
      running.stdin.end('from the launcher\n');
      await running.exited;
      await running.kill();
      return { through: said.includes('heard injected'), saw: lastLine(said) };
    },
  },
];

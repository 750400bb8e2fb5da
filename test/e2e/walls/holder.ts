/** A process of the host that holds one canary in each place where a process can hold one. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OrdinaryUser } from '../../support/ordinary-user.ts';

export const PLACES = ['environ', 'cmdline', 'fd', 'memory', 'file'] as const;
/** A canary for each place. */
export type Held = Readonly<Record<(typeof PLACES)[number], string>>;
export interface Holder {
  readonly pid: number;
  end(): Promise<void>;
}

const PROGRAM = `
const { openSync, rmSync } = require('node:fs');
openSync(process.argv[1], 'r');
rmSync(process.argv[1]);
process.stdin.on('data', (held) => { globalThis.held = held; console.log('holds it'); });
`;

/** The file that stays lies in `folder`. Resolves when every canary is where it belongs. */
export async function holdCanaries(
  canaries: Held,
  { folder, as }: { readonly folder: string; readonly as: OrdinaryUser | undefined },
): Promise<Holder> {
  const [opened, stays] = [join(folder, 'opened'), join(folder, 'stays')];
  writeFileSync(opened, canaries.fd);
  writeFileSync(stays, canaries.file);
  as?.give(folder);
  const node = as ? as.at(process.execPath) : process.execPath;
  const argv = [node, '-e', PROGRAM, opened, canaries.cmdline];
  const [command = '', ...args] = as ? as.words(argv) : argv;
  const env = { ...(as?.env ?? { PATH: process.env['PATH'] }), CANARY: canaries.environ };
  const child = spawn(command, args, { env, cwd: '/', stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(canaries.memory);
  await once(child.stdout, 'data');
  return {
    pid: child.pid ?? 0,
    async end() {
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Puts together what a command works with. */
import { resolve } from 'node:path';
import { credentialOf, loadConfig } from '../config.ts';
import { TackError } from '../domain/errors.ts';
import { connect } from './connect.ts';
import type { Context } from './context.ts';
import type { Output } from './output.ts';

export function openContext({
  out,
  folder,
  may_ask,
}: {
  readonly out: Output;
  readonly folder: string | undefined;
  readonly may_ask: boolean;
}): Context {
  const config = loadConfig();
  return {
    cwd: folderOf(folder),
    config,
    out,
    may_ask: may_ask && process.stdin.isTTY === true && out.is_terminal,
    stdin: process.stdin,
    credential: credentialOf('this terminal'),
    connect: (options) => connect(config, out, options),
  };
}

function folderOf(given: string | undefined): string {
  try {
    return resolve(given ?? '.');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new TackError(
      'usage_invalid',
      'The folder that this terminal stands in was removed. Change into one that exists, or name it: `tack -C FOLDER …`.',
    );
  }
}

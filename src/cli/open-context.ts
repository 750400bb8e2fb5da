/** Puts together what a command works with. */
import { resolve } from 'node:path';
import { credentialOf, loadConfig } from '../config.ts';
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
    cwd: resolve(folder ?? '.'),
    config,
    out,
    may_ask: may_ask && process.stdin.isTTY === true && out.is_terminal,
    stdin: process.stdin,
    credential: credentialOf('this terminal'),
    connect: (options) => connect(config, out, options),
  };
}

/** Secrets of the group: they go to the broker over a descriptor, and into no role's environment. */
import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import { credentialOf, type Config } from '../config.ts';
import { Credential, HandOver } from '../domain/wires/broker.ts';

const SECRET = /^(ANTHROPIC_(API_KEY|AUTH_TOKEN)|OPENAI_API_KEY|.*_(TOKEN|SECRET|PASSWORD|API_KEY))$/;

const NOT_OURS = ['TACK_SERVER', 'TACK_CREDENTIAL_FD'];

/** The environment of every process that is started: no secret, no server of somebody else's. */
export const withoutSecrets = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !SECRET.test(name) && !NOT_OURS.includes(name)));

/** What this process was started with: handed over, or in its environment, which is then `whose`. */
export async function readHandOver(
  { credential_fd }: Pick<Config, 'credential_fd'>,
  { whose, env }: { readonly whose: string; readonly env?: NodeJS.ProcessEnv },
): Promise<HandOver> {
  if (credential_fd === null) return ownHandOver(whose, env);
  // who asked for process.stdin made it non-blocking: read as a file it would say EAGAIN when its writer is slow
  const handed = credential_fd === 0 ? process.stdin : createReadStream('', { fd: credential_fd, autoClose: false });
  return HandOver.parse(JSON.parse(await text(handed)));
}

export function ownHandOver(whose: string, env?: NodeJS.ProcessEnv): HandOver {
  const own = credentialOf(whose, env);
  return { own: own ? [{ ref: 'anthropic', ...own }] : [], given: [] };
}

/** For the broker and its successors: what one of them was given is known to the next. In this process's memory only. */
export interface Keepsake {
  /** What a broker is started with. */
  text(): string;
  /** A broker says what a person gave it. */
  keep(line: string): void;
}

export function createKeepsake({ own, given: before }: HandOver): Keepsake {
  const given = new Map(before.map((credential) => [credential.ref, credential]));
  return {
    text: () => JSON.stringify({ own, given: [...given.values()] } satisfies HandOver),
    keep(line) {
      const credential = Credential.parse(JSON.parse(line));
      given.set(credential.ref, credential);
    },
  };
}

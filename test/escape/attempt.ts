/** One try to get out, and the words of its row. */
import type { LaunchRequest, Limits } from '../../src/sandbox/index.ts';
import type { Place, Ran } from '../integration/sandbox/place.ts';
import type { Host } from './host.ts';

export interface Attempt {
  /** Of the table of attempts; several tries may share one. */
  readonly id: string;
  readonly attempt: string;
  /** What the sandbox makes of it. */
  readonly expected: string;
  /** Nobody but root can do this, with or without a sandbox. */
  readonly needs_root?: true;
  /** Tries it from there. What counts is seen from outside wherever there is something to see. */
  readonly run: (side: Side) => Promise<Outcome>;
}

export interface Outcome {
  readonly through: boolean;
  /** A few words on how it was seen. */
  readonly saw: string;
  /** Why this machine can show nothing: the control may then fail. */
  readonly lacks?: string;
}

/** Where a try is made from, with folders of its own: the bare machine as this user, or the product's sandbox. */
export interface Side {
  readonly kind: 'bare' | 'inside';
  readonly host: Host;
  readonly place: Place;
  /** The folders of the session as its commands see them. */
  readonly work: string;
  readonly home: string;
  sh(script: string, options?: Options): Promise<Ran>;
  /** Starts a command that goes on; it has said `ready`. */
  start(script: string, options?: Options): Promise<Started>;
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>;
  /** Without meaning on the bare machine: the control. */
  readonly limits?: Limits;
  readonly more?: Partial<LaunchRequest>;
}

export interface Started {
  /** Ends what a session's end would end: on the bare machine the one process that was started. */
  end(): Promise<void>;
  /** Resolves when it has ended. */
  readonly ran: Promise<Ran>;
}

/** Through when a canary came out. */
export const leaked = ({ out, err }: Ran, canary: string): Outcome => {
  const through = out.includes(canary);
  return { through, saw: through ? 'the canary' : lastLine(err) || 'nothing' };
};

export const lastLine = (text: string): string =>
  text
    .trim()
    .split('\n')
    .at(-1)
    ?.replace(/^bash: (line \d+: )?/, '')
    .slice(0, 80) ?? '';

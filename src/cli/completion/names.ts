/** The names that only the server knows: of sessions, approvals and agents. */
import { loadConfig } from '../../config.ts';
import { connect } from '../connect.ts';
import type { Output } from '../output.ts';
import { oneLine } from '../render/printable.ts';

const KINDS = ['session', 'approval', 'agent'] as const;
type Kind = (typeof KINDS)[number];
type Named = readonly (readonly [name: string, title: string])[];
export type Names = Readonly<Record<Kind, Named>>;

/** What an argument or option names, by the first words of what it says of itself: `the session, …`. */
export const namesOf = (description: string): Kind | null =>
  KINDS.find((kind) => new RegExp(`^(the|an?|one)( shipped)? ${kind}\\b`).test(description)) ?? null;

const WITHIN_MS = 2_000;
const SHOWN = 50;
const NOTHING: Names = { session: [], approval: [], agent: [] };

/** Of the server that runs; nothing where none does, or where it is slow: a TAB starts no roles and waits for nobody. */
export async function knownNames(out: Output): Promise<Names> {
  try {
    const { client } = await connect(loadConfig(), out);
    const signal = AbortSignal.timeout(WITHIN_MS);
    const [sessions, approvals, agents] = await Promise.all([
      client.sessions.list({ limit: SHOWN }, { signal }),
      client.approvals.list({ status: 'pending', limit: SHOWN }, { signal }),
      client.agents.list({}, { signal }),
    ]);
    return {
      session: [
        ['latest', 'the newest session'],
        ...sessions.data.map(({ id, title }) => [id, oneLine(title, 60)] as const),
      ],
      approval: approvals.data.map(({ id, title }) => [id, oneLine(title, 60)] as const),
      agent: agents.data.map(({ id, config }) => [id, config.harness] as const),
    };
  } catch {
    return NOTHING; // whoever presses TAB wants no error on the line
  }
}

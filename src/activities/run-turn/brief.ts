/** What an attempt has to know: the session's record, its agent, the people's words, the lasting grants. */
import type { Grant } from '../../domain/approval/schema.ts';
import { readGrants } from '../../domain/approval/read-grants.ts';
import { TackError } from '../../domain/errors.ts';
import type { SessionRecord } from '../../domain/ports/records.ts';
import { AgentConfig } from '../../domain/spec/agent.ts';
import type { Answer, TurnInput } from '../../domain/turn.ts';
import type { ActivityPorts } from '../ports.ts';

export interface Brief {
  readonly record: SessionRecord;
  readonly agent: AgentConfig;
  /** Of the session, of the project, of this turn's answers. */
  readonly grants: readonly Grant[];
  /** What was written as a grant and is none. */
  readonly unread: readonly string[];
  /** What people wrote with their answers, by approval. */
  readonly words: ReadonlyMap<string, string>;
}

export async function readBrief(ports: Pick<ActivityPorts, 'records' | 'blobs'>, input: TurnInput): Promise<Brief> {
  const [record, agent, words] = await Promise.all([
    ports.records.session(input.session_id),
    ports.blobs.text(input.agent),
    Promise.all(input.answers.map(async (answer) => [answer.approval_id, await wordsOf(ports.blobs, answer)] as const)),
  ]);
  if (!record) throw new TackError('session_not_found', `Nothing is recorded about ${input.session_id}.`);
  const lasting = record.project_id === null ? [] : await ports.records.grants(record.project_id);
  const answered = input.answers.flatMap(({ grant }) => grant ?? []);
  const { grants, unread } = readGrants([...input.grants, ...answered, ...lasting]);
  return { record, agent: AgentConfig.parse(JSON.parse(agent)), grants, unread, words: new Map(words) };
}

/** What the person wrote: feedback, or the answer to a question as JSON. */
export async function wordsOf(blobs: ActivityPorts['blobs'], { message, input }: Answer): Promise<string> {
  const ref = input ?? message;
  return ref ? blobs.text(ref) : '';
}

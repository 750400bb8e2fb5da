/** A session is recorded before it starts, so that a repeated POST finds it and never makes a second one. */
import { canonicalJson, digestOf } from '../../domain/canonical.ts';
import { textOf, type Content } from '../../domain/content.ts';
import { TackError } from '../../domain/errors.ts';
import { baseRefOf } from '../../domain/git-names.ts';
import { derivedId, type SessionId } from '../../domain/ids.ts';
import type { SessionRecord } from '../../domain/ports/records.ts';
import type { Payloads } from '../../domain/session/command.ts';
import type { AgentConfig } from '../../domain/spec/agent.ts';
import type { Routes } from '../contract/routes.ts';
import type { Call } from './handler.ts';
import type { ServerParts } from './parts.ts';
import { refuseTooLarge, said } from './said.ts';

type Create = Call<Routes['sessions']['create']>;

/** The record of this POST: kept now, or kept by an earlier try. Everything is checked before anything is written. */
export async function recorded(parts: ServerParts, { body, key, actor }: Create): Promise<SessionRecord> {
  if (body.input) refuseTooLarge(body.input, 'body.input');
  const session_id = body.session_id ?? derivedId('session', digestOf(['session', key], parts.sha256));
  const agent = await admitted(parts, body.agent);
  const known = await parts.records.session(session_id);
  if (known) return sameAs(known, { agent, project_id: body.project_id ?? null });
  const base_commit = await baseOf(parts, session_id, body);
  const record: SessionRecord = {
    session_id,
    agent,
    project_id: body.project_id ?? null,
    base_ref: base_commit === null ? null : baseRefOf(session_id),
    base_commit,
    include: body.include ?? [],
    title: body.title ?? (body.input && titleOf(body.input)) ?? agent.name,
    created_at: parts.now(),
    created_by: `${actor.type}:${actor.id}`,
  };
  await parts.records.createSession(record);
  return record;
}

/** The first message, named by its words: the same POST again is the same turn. */
export async function firstMessage(
  parts: ServerParts,
  session_id: string,
  { body, actor, via }: Create,
): Promise<Payloads['prompt'] | null> {
  if (!body.input) return null;
  const client_id = body.client_id ?? `input-${digestOf(body.input, parts.sha256).slice(0, 32)}`;
  return said(parts, { session_id, client_id, content: body.input }, { actor, via });
}

async function admitted({ catalog }: ServerParts, agent: string | AgentConfig): Promise<AgentConfig> {
  const config = typeof agent === 'string' ? await named(catalog, agent) : agent;
  const harness = (await catalog.harnesses()).find(({ id }) => id === config.harness);
  if (!harness?.available)
    throw new TackError(
      'harness_unavailable',
      harness?.problem ?? `The harness ${config.harness} is not installed here.`,
      { data: { harness: config.harness } },
    );
  const problem = config.sandbox === 'none' ? null : await catalog.sandboxProblem();
  if (problem !== null) throw new TackError('sandbox_unavailable', problem, { data: { sandbox: config.sandbox } });
  return config;
}

async function named(catalog: ServerParts['catalog'], name: string): Promise<AgentConfig> {
  const agents = await catalog.agents();
  const found = agents.find((agent) => agent.name === name);
  if (found) return found;
  const message = `There is no agent ${JSON.stringify(name)}; there are ${agents.map((agent) => agent.name).join(', ') || 'none'}.`;
  throw new TackError('agent_not_found', message, { data: { errors: [{ place: 'body.agent', message }] } });
}

/** The commit that the work starts from; null without a project. */
async function baseOf(
  { git }: ServerParts,
  session_id: SessionId,
  { project_id, base_commit }: Create['body'],
): Promise<string | null> {
  if (project_id === undefined) {
    if (base_commit !== undefined) throw invalid('body.base_commit', 'a base commit needs its project_id');
    return null;
  }
  const pinned = await git.pinBase(project_id, session_id, base_commit ?? null);
  if (pinned === null)
    throw invalid(
      'body.base_commit',
      base_commit
        ? `the project has no commit ${base_commit}: push it first`
        : `nothing was pushed as ${baseRefOf(session_id)}`,
    );
  if (base_commit !== undefined && pinned !== base_commit)
    throw invalid('body.base_commit', `${baseRefOf(session_id)} is ${pinned}`);
  return pinned;
}

function sameAs(known: SessionRecord, asked: Pick<SessionRecord, 'agent' | 'project_id'>): SessionRecord {
  if (canonicalJson(known.agent) === canonicalJson(asked.agent) && known.project_id === asked.project_id) return known;
  throw new TackError(
    'idempotency_mismatch',
    `The session ${known.session_id} was made with another agent or project.`,
    { data: { errors: [{ place: 'body.session_id', message: 'belongs to another session' }] } },
  );
}

function invalid(place: string, message: string): TackError {
  return new TackError('request_invalid', `${place}: ${message}`, { data: { errors: [{ place, message }] } });
}

const TITLE_MAX = 80;
function titleOf(content: readonly Content[]): string | undefined {
  const line = textOf(content).trim().split('\n')[0]?.trim();
  if (!line) return undefined;
  return line.length > TITLE_MAX ? `${line.slice(0, TITLE_MAX - 1)}…` : line;
}

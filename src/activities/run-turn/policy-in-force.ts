/** What one attempt judges by: shipped, the agent's, and the session's own rules as its log has them now. */
import type { EventLog } from '../../domain/ports/event-log.ts';
import { isBlobRef } from '../../domain/events/blob-fields.ts';
import type { JudgingPolicy } from '../../domain/policy/index.ts';
import { SessionPolicy } from '../../domain/policy/schema.ts';
import type { AgentConfig } from '../../domain/spec/agent.ts';
import type { ActivityPorts } from '../ports.ts';

export interface PolicyInForce extends Pick<JudgingPolicy, 'judge'> {
  /** Resolves when judging goes by what the log had at the time of the call. */
  look(): Promise<void>;
}

export interface PolicyParts extends Pick<ActivityPorts, 'blobs' | 'policyFor'> {
  readonly log: Pick<EventLog, 'read'>;
  readonly session_id: string;
  readonly agent: AgentConfig;
}

const PAGE = 100;

export function createPolicyInForce({ log, blobs, policyFor, session_id, agent }: PolicyParts): PolicyInForce {
  let policy = policyFor(agent);
  let seen = 0;
  let looking = Promise.resolve();

  async function read(): Promise<void> {
    for (;;) {
      const page = await log.read(session_id, { after: seen, limit: PAGE, types: ['session.updated'] });
      const set = page.map(({ data }) => data['session_policy']).findLast(isBlobRef);
      if (set) policy = policyFor(agent, SessionPolicy.parse(JSON.parse(await blobs.text(set))));
      seen = page.at(-1)?.seq ?? seen;
      if (page.length < PAGE) return;
    }
  }

  return {
    judge: (action, grants) => policy.judge(action, grants),
    look: () => (looking = looking.catch(() => undefined).then(read)), // one after the other: the last one that was set counts
  };
}

/** Policies: the one judgement that every choke point calls. */
import type { Action } from '../action/schema.ts';
import type { Grant } from '../approval/schema.ts';
import { canonicalJson, type Sha256 } from '../canonical.ts';
import type { AgentConfig } from '../spec/agent.ts';
import { compilePolicy, type CompiledPolicy } from './compile.ts';
import { evaluate } from './evaluate.ts';
import type { Evaluation, PolicyBody, PolicyLevel } from './schema.ts';
import { shippedLevel } from './shipped.ts';

export { suggestPattern } from './suggest.ts';

/** Judges by all levels, compiled once. */
export interface JudgingPolicy {
  readonly version: string;
  /** A grant that covers the action and its rules turns an ask into an allow, and is named. */
  readonly judge: (action: Action, grants: readonly Grant[]) => Evaluation;
}

const KEPT_MAX = 100;

/** The policy of an agent: what is shipped, then its own rules, then those of one session. Compiled once for each that was met lately. */
export function createPolicyFor({
  sha256,
}: {
  readonly sha256: Sha256;
}): (agent: AgentConfig, session?: PolicyBody) => JudgingPolicy {
  const kept = new Map<string, CompiledPolicy>();

  function compiledFor({ sandbox, policies }: AgentConfig, session: PolicyBody): CompiledPolicy {
    const key = canonicalJson({ sandbox, policies: policies ?? null, session });
    const levels: readonly PolicyLevel[] = [
      shippedLevel(sandbox),
      { rules: [], defaults: [], ...policies, level: 'agent' },
      ...(session.rules.length > 0 ? [{ ...session, level: 'session' as const }] : []),
    ];
    const policy = kept.get(key) ?? compilePolicy(levels, { sandbox, sha256 });
    kept.delete(key);
    kept.set(key, policy);
    for (const oldest of kept.keys()) {
      if (kept.size <= KEPT_MAX) break;
      kept.delete(oldest);
    }
    return policy;
  }

  return (agent, session = { rules: [], defaults: [] }) => {
    const policy = compiledFor(agent, session);
    return { version: policy.version, judge: (action, grants) => evaluate(policy, action, { grants, sha256 }) };
  };
}

/** What the gate writes: an evaluation for each call, a grant used up, and the sign that a call may have started. Pure. */
import type { Grant } from '../../domain/approval/schema.ts';
import type { NewEvent } from '../../domain/events/new-event.ts';
import type { Evaluation } from '../../domain/policy/schema.ts';
import type { GateCall } from '../../harnesses/contract.ts';
import { titleOf, toolKindOf } from './title.ts';

const POLICY = { type: 'policy', id: 'gate' } as const;

export function evaluated(
  turn_id: string,
  call: Pick<GateCall, 'action' | 'tool_use_id' | 'name'>,
  { effect, rules, digest, grant_id, policy_version, shadow }: Evaluation,
  took_ms: number,
): NewEvent {
  const data = {
    tool_use_id: call.tool_use_id,
    title: titleOf(call.action, call.name),
    action: { kind: call.action.kind, digest },
    effect,
    rules: rules.map(({ name, level, reason }) => ({ name, level, reason })),
    ...(grant_id !== undefined && { grant_id }),
    policy_version,
    choke_point: 'gate',
    shadow,
    took_ms,
  };
  return { type: 'policy.evaluated', turn_id, actor: POLICY, via: null, data };
}

export function grantUsed(
  turn_id: string,
  call: GateCall,
  { grant_id, approval_id }: Grant,
  { digest }: Evaluation,
): NewEvent {
  return {
    type: 'grant.used',
    turn_id,
    actor: POLICY,
    via: null,
    data: { grant_id, approval_id, action: { kind: call.action.kind, digest } },
  };
}

export function toolUse(
  turn_id: string,
  call: GateCall,
  { effect, rules, digest }: Evaluation,
  approval_id: string | undefined,
): NewEvent {
  const data = {
    item_id: call.item_id,
    tool_use_id: call.tool_use_id,
    name: call.name,
    title: titleOf(call.action, call.name),
    kind: toolKindOf(call.action),
    input: call.input,
    action: { kind: call.action.kind, digest },
    evaluation: { effect, rules: rules.map(({ name }) => name) },
    ...(approval_id !== undefined && { approval_id }),
  };
  return { type: 'agent.tool_use', turn_id, actor: { type: 'agent', id: 'agent' }, via: null, data };
}

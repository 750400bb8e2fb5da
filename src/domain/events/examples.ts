/** One example of the `data` of each type of event, as clients read it: they stand in the OpenAPI document, and a test holds them against the schemas. */
import type { z } from 'zod';
import type { EVENT_DATA } from './schema.ts';
import type { EventType } from './vocabulary.ts';

const digest = (letter: string): string => letter.repeat(64);
const blob = (letter: string, bytes: number) => ({ $blob: digest(letter), bytes });
const text = (words: string) => [{ type: 'text' as const, text: words }];

const approval_id = 'apr_5h3k2v7q9m4x8w1c6t0b2n5r7y';
const grant_id = 'grt_01kb2v7q9m4x8w1c6t0b2n5r7y';
const action = { kind: 'shell.exec' as const, digest: digest('a') };
const expires_at = '2026-11-28T09:00:04.000Z';
const rules = [{ name: 'pushes', level: 'agent' as const, reason: 'It leaves this machine.' }];
const commit = 'c0ffee'.padEnd(40, '0');
const item = { item_id: 'itm_01kb2v7q9m' };
const about = { title: 'Fix the failing test', agent: 'claude-code', harness: 'claude-code', model: 'opus' };

export const EVENT_EXAMPLES = {
  'session.created': {
    ...about,
    project_id: 'prj_0123456789abcdef',
    policy_version: digest('b'),
    agent_config: blob('d', 212),
    steers: true,
    sandbox: 'bubblewrap',
    base_commit: commit,
  },
  'session.updated': { title: 'Fix the flaky test' },
  'session.status_changed': { status: 'running', reason: 'turn' },
  'session.placed': { host_id: 'host-1', attempt: 1, reason: 'turn' },
  'session.closed': { reason: 'user' },
  'user.message': { client_id: 'm-1', content: text('Fix the failing test.'), delivery: 'start' },
  'user.interrupt': { reason: 'I changed my mind.' },
  'queue.updated': { items: [{ queued_id: 'trn_01kb2v7q9m4x8w1c6t0b2n5r7z', client_id: 'm-2', position: 1 }] },
  'turn.started': {
    trigger: 'prompt',
    attempt: 1,
    message: { client_id: 'm-1', content: text('Fix the failing test.') },
  },
  'turn.suspended': { approval_ids: [approval_id] },
  'turn.resumed': { after: 'approval', attempt: 2 },
  'turn.completed': { stop_reason: 'end_turn' },
  'turn.failed': { error: { code: 'model_failed', message: 'The model answered 529.', retryable: true } },
  'turn.cancelled': { stop_reason: 'cancelled' },
  'agent.message': { ...item, content: text('The test passes now.') },
  'agent.thinking': { ...item, content: text('The clock of the test is the wrong one.') },
  'agent.tool_use': {
    ...item,
    tool_use_id: 'toolu_01',
    name: 'Bash',
    title: 'git push origin main',
    kind: 'execute',
    input: { command: 'git push origin main' },
    action,
    evaluation: { effect: 'ask', rules: ['pushes'] },
    approval_id,
  },
  'agent.tool_result': { ...item, tool_use_id: 'toolu_01', content: text('Everything up-to-date'), is_error: false },
  'plan.updated': { entries: [{ content: 'Run the tests', priority: 'high', status: 'in_progress' }] },
  'file.changed': { path: 'lib/clock.js', kind: 'modify', additions: 3, deletions: 1 },
  'checkpoint.created': { commit, ref: 'refs/tack/work/fix-the-failing-test' },
  'policy.evaluated': {
    tool_use_id: 'toolu_01',
    title: 'git push origin main',
    action,
    effect: 'ask',
    rules,
    policy_version: digest('b'),
    choke_point: 'gate',
    shadow: [],
    took_ms: 0.4,
  },
  'action.observed': {
    action: { kind: 'net.request', digest: digest('e') },
    outcome: 'refused',
    choke_point: 'broker',
  },
  'sandbox.denied': { kind: 'net.request', target: 'example.org:443', rule: 'no-network', way_out: 'Ask for it.' },
  'approval.requested': {
    approval: {
      id: approval_id,
      turn_id: 'trn_01kb2v7q9m4x8w1c6t0b2n5r7y',
      kind: 'tool',
      digest: digest('a'),
      action: blob('f', 120),
      card: { title: 'git push origin main' },
      rules,
      grantable: 'once',
      approvers: null,
      on_expiry: 'pause',
      requested_at: '2026-11-25T09:00:04.000Z',
      expires_at,
    },
    attempt: 1,
  },
  'approval.extended': { approval_id, expires_at, reason: 'the engine was away' },
  'approval.resolved': {
    approval_id,
    outcome: 'decided',
    decision: 'allow_once',
    scope: 'once',
    grant_id,
    resolved_at: '2026-11-25T09:01:10.000Z',
    waited_ms: 66_000,
  },
  'grant.created': {
    grant_id,
    approval_id,
    scope: 'once',
    digest: digest('a'),
    pattern: null,
    rules: ['pushes'],
  },
  'grant.used': { grant_id, approval_id, action },
  'grant.revoked': { grant_id, approval_id, scope: 'session' },
  'gate.bypassed': { what: 'a call ran without an answer of the gate', evidence: { tool_use_id: 'toolu_02' } },
  'harness.warned': { code: 'settings_ignored', text: 'Settings of the repository are not read.' },
  'work.applied': { commit, branch: 'tack/fix-the-failing-test' },
  'work.discarded': { commit, branch: 'tack/fix-the-failing-test' },
  'usage.recorded': {
    request_id: 'req_01',
    source: 'broker',
    model: 'opus',
    input_tokens: 1_200,
    output_tokens: 340,
    partial: false,
  },
  'error.raised': { code: 'approval_already_resolved', message: 'It was answered by ann.', retryable: false },
} as const satisfies { readonly [T in EventType]: DeepReadonly<z.input<(typeof EVENT_DATA)[T]>> };

/** What is written down here is not changed. */
type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;

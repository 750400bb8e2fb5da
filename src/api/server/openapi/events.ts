/** The types of events as schemas: the envelope, what `data` means in each, an example. */
import { z } from 'zod';
import { EVENT_EXAMPLES } from '../../../domain/events/examples.ts';
import { EVENT_DATA } from '../../../domain/events/schema.ts';
import { EVENT_TYPES, type EventType } from '../../../domain/events/vocabulary.ts';
import { COMPONENT, withRefs, type Json } from './json.ts';

/** `AnyEvent` is one of them, told apart by its `type`. */
export function eventSchemas(): Record<string, Json> {
  const named = EVENT_TYPES.map((type) => [type, nameOf(type)] as const);
  const mapping = Object.fromEntries(named.map(([type, name]) => [type, `${COMPONENT}${name}`]));
  return {
    AnyEvent: {
      oneOf: named.map(([, name]) => ({ $ref: `${COMPONENT}${name}` })),
      discriminator: { propertyName: 'type', mapping },
    },
    ...Object.assign({}, ...named.map(([type, name], n) => schemaOf(type, name, n + 1))),
  } as Record<string, Json>;
}

/** `agent.tool_use` is `AgentToolUseEvent`. */
export const nameOf = (type: EventType): string =>
  `${type.replaceAll(/(?:^|[._])([a-z])/g, (_, letter: string) => letter.toUpperCase())}Event`;

function schemaOf(type: EventType, name: string, seq: number): Record<string, Json> {
  const made = z.toJSONSchema(EVENT_DATA[type], { target: 'draft-2020-12', io: 'output', unrepresentable: 'any' });
  const { $schema: _, $defs = {}, later, description, ...data } = withRefs(made as Json, toComponent);
  const schema = {
    description: later ? `${String(description)} Nothing writes it yet.` : description,
    allOf: [
      { $ref: `${COMPONENT}Event` },
      { type: 'object', properties: { type: { const: type }, data }, required: ['type', 'data'] },
    ],
    examples: [exampleOf(type, seq)],
  };
  return { ...($defs as Record<string, Json>), [name]: schema };
}

const toComponent = (ref: string): string => ref.replace('#/$defs/', COMPONENT);

/** A whole event of this type. */
export const exampleOf = (type: EventType, seq: number): Json => ({
  id: `evt_01kb2v7q9m4x8w1c6t0b2n5${String(seq).padStart(3, '0')}`,
  seq,
  type,
  session_id: 'ses_01kb2v7q9m4x8w1c6t0b2n5r7y',
  turn_id: /^(session|work)\./.test(type) ? null : 'trn_01kb2v7q9m4x8w1c6t0b2n5r7y',
  run_id: null,
  parent_session_id: null,
  actor: /^(user|work|approval\.resolved)/.test(type)
    ? { type: 'user', id: 'ann' }
    : { type: 'system', id: 'tackroom' },
  via: /^(user|work|approval\.resolved)/.test(type) ? 'cli' : null,
  created_at: '2026-11-25T09:00:04.000Z',
  traceparent: null,
  prev_hash: '0'.repeat(64),
  hash: '1'.repeat(64),
  data: EVENT_EXAMPLES[type],
});

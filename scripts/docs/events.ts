/** The tables of events, from the schemas: type, data, meaning. */
import { z } from 'zod';
import { Envelope, Frame } from '../../src/domain/events/envelope.ts';
import { EVENT_DATA } from '../../src/domain/events/schema.ts';
import { code, table } from './markdown.ts';

interface Described {
  readonly description?: string;
  readonly later?: boolean;
  readonly required?: readonly string[];
  readonly properties?: Readonly<
    Record<string, Described & { readonly const?: unknown; readonly enum?: readonly string[] }>
  >;
  readonly anyOf?: readonly Described[];
  readonly oneOf?: readonly Described[];
}
/** A schema with a name stands below its own name. */
function described(schema: z.ZodType): Described {
  const made = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' }) as Described & Named;
  return made.$ref === undefined ? made : (made.$defs[made.$ref.replace('#/$defs/', '')] ?? made);
}
interface Named {
  readonly $ref?: string;
  readonly $defs: Readonly<Record<string, Described>>;
}

export function eventTable(): string {
  return table(
    ['Type', 'Data', 'Means'],
    Object.entries(EVENT_DATA).map(([type, schema]) => {
      const { description = '', later } = described(schema);
      return [code(type), fieldsOf(described(schema)), later ? `${description} _Nothing writes it yet._` : description];
    }),
  );
}

export function envelopeTable(): string {
  const { properties = {} } = described(Envelope);
  return table(
    ['Field', 'Means'],
    Object.entries(properties).map(([name, { description }]) => [
      code(name),
      description ?? MEANINGS[name] ?? unknown(name),
    ]),
  );
}

export function frameTable(): string {
  const { anyOf, oneOf = anyOf ?? [] } = described(Frame);
  return table(
    ['Frame', 'Fields'],
    oneOf.map(({ properties = {} }) => {
      const { type, ...fields } = properties;
      return [code(String(type?.const)), Object.keys(fields).map(code).join(' ') || '–'];
    }),
  );
}

/** What the schema does not say, because it is said by its type. */
const MEANINGS: Readonly<Record<string, string>> = {
  type: 'One of the types below.',
  session_id: 'The session, and the log.',
  turn_id: 'The turn that it belongs to; null outside of one.',
  run_id: 'The run of a pipeline; null without one.',
  parent_session_id: 'The session that started this one; null without one.',
  actor: 'Who: `type` and `id`.',
  via: 'The surface that was used; null where none took part.',
  traceparent: 'W3C trace context; null without one.',
  prev_hash: 'Hash of the event before; of the first one SHA-256 of `tackroom/1/<log id>`.',
  data: 'See the type.',
};

/** Optional fields with a question mark; what a field is for in brackets. */
function fieldsOf({ properties = {}, required = [] }: Described): string {
  const fields = Object.entries(properties).map(([name, { description }]) => {
    const field = code(required.includes(name) ? name : `${name}?`);
    return description ? `${field} (${description.replace(/\.$/, '')})` : field;
  });
  return fields.join(' · ') || '–';
}

function unknown(name: string): never {
  throw new Error(`The field ${name} of the envelope is described nowhere.`);
}

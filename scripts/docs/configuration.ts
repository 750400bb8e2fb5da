/** The variables of the environment and the defaults, from their schema and table. */
import { z } from 'zod';
import { Variables } from '../../src/config.ts';
import { DEFAULTS } from '../../src/domain/defaults.ts';
import { code, table } from './markdown.ts';

interface Field {
  readonly description?: string;
  readonly default?: unknown;
}

/** Those that the roles hand to each other stand in their own table. */
export const variableTable = (): string => variables((description) => !description.startsWith(INTERNAL));
export const internalVariableTable = (): string => variables((description) => description.startsWith(INTERNAL));

const INTERNAL = 'Set by ';

function variables(wanted: (description: string) => boolean): string {
  const rows = Object.entries(fieldsOf(Variables)).filter(([, { description = '' }]) => wanted(description));
  return table(
    ['Variable', 'Default', 'Means'],
    rows.map(([name, { description = '', default: fallback }]) => [
      code(name),
      fallback === undefined ? '–' : code(String(fallback)),
      description,
    ]),
  );
}

export function defaultTable(): string {
  return table(
    ['Default', 'Figure', 'Means'],
    Object.entries(DEFAULTS).map(([name, figure]) => [
      code(name),
      figure.toLocaleString('en'),
      FIGURES[name as keyof typeof DEFAULTS],
    ]),
  );
}

const FIGURES: Readonly<Record<keyof typeof DEFAULTS, string>> = {
  grace_s: 'A harness waits for an answer; then the turn suspends.',
  approval_expires_s: 'An approval waits for an answer.',
  late_s: 'A deadline that is looked at later than this expires nothing: the engine was away.',
  reprieve_s: 'What was open then lives on for so long.',
  queue_max: 'Messages that wait in one session.',
  client_ids_max: 'Messages that a session knows again.',
  resolved_approvals_max: 'Answers that a session’s state keeps; the log keeps all.',
  session_grants_max: 'Grants for one session.',
  message_text_bytes: 'Text of one message.',
  attachments_bytes: 'Images and files of one message.',
  stuck_after_s: 'A running turn without an event for so long is called stuck; it runs on.',
  heartbeat_timeout_ms: 'A worker that is silent for so long is lost.',
  heartbeat_ms: 'It says that it lives.',
  attempts_without_progress: 'Attempts that bring nothing before a turn gives up.',
  roll_after_events: 'Events of a workflow’s history before it goes on in a new run.',
  turn_move_after_s: 'A turn that lasts longer goes on in another activity at its next call.',
  api_body_bytes: 'Body of one request.',
  idempotency_kept_s: 'The answer to an Idempotency-Key is known.',
  sse_heartbeat_ms: 'A stream says that it lives.',
  blob_inline_bytes: 'Larger content is a file below `blobs/`.',
  port: 'Of the server.',
};

/** A schema with a name stands below its own name. */
function fieldsOf(schema: z.ZodType): Readonly<Record<string, Field>> {
  const made = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Named;
  const { properties } = made.$ref === undefined ? made : (made.$defs[made.$ref.replace('#/$defs/', '')] ?? made);
  return properties;
}
interface Named {
  readonly properties: Readonly<Record<string, Field>>;
  readonly $ref?: string;
  readonly $defs: Readonly<Record<string, Named>>;
}

import { join } from 'node:path';
import { z } from 'zod';
import type { Connection } from '../context.ts';
import { EXIT, TackError } from '../../domain/errors.ts';
import { EVENT_TYPES } from '../../domain/events/vocabulary.ts';
import { nearest } from '../../domain/nearest.ts';
import { ROLES } from '../../domain/wires/supervisor.ts';
import { defineCommand } from '../command.ts';
import { followRoleLog, showRoleLog } from '../role-log.ts';
import { plainScreen, together } from '../watch/screen.ts';
import { createView, type View } from '../watch/view.ts';
import { whichSession } from '../watch/which-session.ts';
import { NO_PROGRESS, proceed } from '../watch/progress.ts';

const LOGGED = [...ROLES, 'supervisor'] as const;

export const command = defineCommand({
  name: 'logs',
  summary: 'Show the log of a session, or of a role.',
  arguments: [['[id]', 'the session, an unambiguous beginning of its id, or latest']],
  options: [
    ['-f, --follow', 'go on with what happens, until the session is ended'],
    ['--types <types>', 'only these types of events, separated by commas'],
    ['--role <role>', `what a role noted: ${LOGGED.join(', ')}; also while nothing runs`],
    ['-n, --lines <lines>', 'of a role: the last 100 unless it says otherwise'],
  ],
  examples: [
    'tack logs latest',
    'tack logs ses_01… --json | jq .type',
    'tack logs latest -f --types turn.completed',
    'tack logs --role worker -f',
  ],
  input: z
    .strictObject({
      id: z.string().min(1).optional(),
      follow: z.boolean().default(false),
      types: z.string().optional(),
      role: z.enum(LOGGED).optional(),
      lines: z.coerce.number().int().min(1).default(100),
    })
    .refine(({ id, role }) => (id === undefined) !== (role === undefined), {
      message: 'Name one session, or --role.',
      path: ['id'],
    }),
  async run({ id = '', follow, types, role, lines }, context) {
    const { out, config } = context;
    if (role !== undefined) {
      const options = { file: join(config.data_folder, 'logs', `${role}.log`), lines, out };
      const read_to = showRoleLog(options);
      return follow ? followRoleLog(options, read_to) : EXIT.ok;
    }
    const wanted = types === undefined ? undefined : typesOf(types);
    const connection = await context.connect();
    const session = await whichSession(connection.client, id);
    const view = createView(context, plainScreen(together({ words: out.text, talk: out.line })));
    await (follow ? following : past)(connection, { session_id: session.id, types: wanted, view });
    return EXIT.ok;
  },
});

/** A type that does not exist would never come: `usage_invalid`. */
function typesOf(said: string): readonly string[] {
  const types = said
    .split(',')
    .map((type) => type.trim())
    .filter(Boolean);
  const known: readonly string[] = EVENT_TYPES;
  const unknown = types.find((type) => !known.includes(type));
  if (unknown === undefined && types.length > 0) return types;
  const meant = nearest(unknown ?? '', known);
  throw new TackError(
    'usage_invalid',
    `--types: there is no type ${JSON.stringify(unknown ?? '')}.${meant ? ` Did you mean ${meant}?` : ''} There are: ${known.join(', ')}.`,
  );
}

interface Wanted {
  readonly session_id: string;
  readonly types: readonly string[] | undefined;
  readonly view: View;
}
const PAGE = 500;

async function past({ client }: Connection, { session_id, types, view }: Wanted): Promise<void> {
  for (let after = 0; ;) {
    const page = await client.sessions.events({
      session_id,
      after,
      limit: PAGE,
      ...(types && { types: types.join(',') }),
    });
    for (const event of page.data) view.hear({ kind: 'event', event });
    if (!page.has_more || page.last_id === null) return;
    after = Number(page.last_id);
  }
}

/** Until the session is ended and its last turn with it. */
async function following({ client }: Connection, { session_id, types, view }: Wanted): Promise<void> {
  let progress = NO_PROGRESS;
  for await (const heard of client.events(session_id, { deltas: false, ...(types && { types }) })) {
    view.hear(heard);
    if (heard.kind === 'event') progress = proceed(progress, heard.event);
    if (progress.is_closed && !progress.is_running) return;
  }
}

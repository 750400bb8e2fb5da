/** The contract as OpenAPI, as the server answers it: committed, so that a change of it is seen in a review. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import pino from 'pino';
import { createApp } from '../../src/api/server/app.ts';
import type { ServerParts } from '../../src/api/server/parts.ts';

const PACKAGE = fileURLToPath(new URL('../../package.json', import.meta.url));
const TOKEN = 'nobody-listens';

/** Of a server without any of its parts: the document needs none. */
export async function openApiFile(): Promise<string> {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { readonly version: string };
  const parts: Partial<ServerParts> = {
    about: { version, data_folder: '' },
    logger: pino({ level: 'silent' }),
    token: TOKEN,
    limits: { heartbeat_ms: 0, client_buffer_bytes: 0, stalled_after_ms: 0, body_bytes: 1 },
  };
  const app = await createApp(parts as ServerParts);
  try {
    const headers = { host: '127.0.0.1', authorization: `Bearer ${TOKEN}` };
    return (await app.inject({ url: '/openapi.json', headers })).body;
  } finally {
    await app.close();
  }
}

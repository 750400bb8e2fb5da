/** The model of a demo with a real harness: the scripted server on loopback, and a key that opens nothing else. */
import { randomBytes } from 'node:crypto';
import { startModelServer } from './model-server/server.ts';

export interface Model {
  /** What the broker takes its credential from. */
  readonly env: NodeJS.ProcessEnv;
  close(): Promise<void>;
}

export async function startModel(): Promise<Model> {
  const server = await startModelServer();
  return {
    env: { ANTHROPIC_BASE_URL: server.url, ANTHROPIC_API_KEY: `demo-${randomBytes(12).toString('hex')}` },
    close: server.close,
  };
}

/** A room in which the real Claude Code plays what a scripted model says. What ran stands in a file of its worktree: an oracle outside of our code. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RecordedRequest } from '../../src/demo/model-server/record.ts';
import { startModelServer, type ModelServer } from '../../src/demo/model-server/server.ts';
import type { Rule } from '../../src/domain/policy/schema.ts';
import { startSession, type TestSession } from './session.ts';
import { openRoom, type Room } from './tackroom.ts';

export interface ClaudeRoom {
  readonly room: Room;
  readonly model: ModelServer;
  close(): Promise<void>;
}

export async function openClaudeRoom(env: NodeJS.ProcessEnv = {}): Promise<ClaudeRoom> {
  const model = await startModelServer();
  const room = openRoom({ ANTHROPIC_API_KEY: 'sk-scripted', ANTHROPIC_BASE_URL: model.url, ...env });
  const close = async () => {
    await room.close();
    await model.close();
  };
  try {
    await room.up();
  } catch (error) {
    await close();
    throw error;
  }
  return { room, model, close };
}

export interface PlayedSession extends TestSession {
  /** Lines that its commands wrote. */
  effects(): readonly string[];
  /** What the model was asked in this story, title requests left out. */
  requests(): readonly RecordedRequest[];
}

/** A command that leaves a line behind. */
export const leaves = (line: string): string => `echo ${line} >> effects.txt`;

/** The tag of a story of its own; two with the same steps are two. */
export const storyOf = (steps: readonly unknown[], run: string = crypto.randomUUID()) => ({
  run,
  prompt: `Do it. [[story ${JSON.stringify({ steps, run })}]]`,
});

/** Starts a session that plays these steps under these rules. */
export async function play(
  { room, model }: Pick<ClaudeRoom, 'room' | 'model'>,
  { steps, rules }: { readonly steps: readonly unknown[]; readonly rules: readonly Rule[] },
): Promise<PlayedSession> {
  const { run, prompt } = storyOf(steps);
  const agent = { name: 'claude', harness: 'claude-code' as const, policies: { rules: [...rules] } };
  return playing({ room, model }, await startSession(room, agent, prompt), run);
}

/** A session that plays the story of this name. */
export function playing(
  { room, model }: Pick<ClaudeRoom, 'room' | 'model'>,
  session: TestSession,
  run: string,
): PlayedSession {
  return { ...session, effects: () => effectsOf(room, session.id), requests: () => requestsOf(model, run) };
}

export function effectsOf(room: Room, session_id: string): readonly string[] {
  const file = join(room.workOf(session_id), 'effects.txt');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
}

export const requestsOf = (model: ModelServer, run: string): readonly RecordedRequest[] =>
  model.requests().filter(({ tag, tools }) => tag?.includes(run) && tools.length > 0);

/** Where rounds are played: a room, the scripted model when the harness needs one, and a person's repository. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startModelServer, type ModelServer } from '../../src/demo/model-server/server.ts';
import { temporalBin } from '../support/engine.ts';
import { repositoryWith } from '../support/repository.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { MOMENTS } from './cells.ts';
import { agentFiles, type HarnessName } from './story.ts';

export interface Place {
  readonly harness: HarnessName;
  readonly room: Room;
  /** Null: the harness asks no model. */
  readonly model: ModelServer | null;
  readonly repository: string;
  close(): Promise<void>;
}

export interface PlaceOptions {
  readonly harness: HarnessName;
  /** The engine wants a new run after a few events, so that every end of a turn is a roll-over. */
  readonly rolls?: boolean;
  /** Starts the roles; by default `tack up`. */
  readonly up?: (room: Room) => Promise<unknown>;
}

export async function openPlace({ harness, rolls = false, up = (room) => room.up() }: PlaceOptions): Promise<Place> {
  const repository = repositoryWith({ ...agentFiles(harness, MOMENTS), 'README.md': 'A project.\n' });
  const model = harness === 'claude-code' ? await startModelServer() : null;
  const engine = rolls ? rollingEngine() : null;
  const room = openRoom({
    ...(model && { ANTHROPIC_API_KEY: 'sk-scripted', ANTHROPIC_BASE_URL: model.url }),
    ...(engine && { TACK_TEMPORAL_BIN: engine.bin }),
  });
  const close = async () => {
    await room.close();
    await model?.close();
    for (const folder of [repository, engine?.folder]) if (folder) rmSync(folder, { recursive: true, force: true });
  };
  try {
    await up(room);
  } catch (error) {
    await close();
    throw error;
  }
  return { harness, room, model, repository, close };
}

/** Fewer than a turn makes. */
const EVENTS = 40;

/** The same engine with a limit lowered; nothing of ours is changed. */
function rollingEngine(): { readonly folder: string; readonly bin: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tack-rolls-'));
  const bin = join(folder, 'temporal');
  const limit = `limit.historyCount.suggestContinueAsNew=${EVENTS}`;
  writeFileSync(
    bin,
    `#!/bin/sh\nif [ "$1" = server ]; then set -- "$@" --dynamic-config-value ${limit}; fi\nexec '${temporalBin()}' "$@"\n`,
  );
  chmodSync(folder, 0o755);
  chmodSync(bin, 0o755);
  return { folder, bin };
}

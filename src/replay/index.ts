/** Recorded histories against the workflow code of now: what `tack replay` runs. */
import { connectEngine, type EngineAddress } from '../api/engine/index.ts';
import { workflowBundle } from '../worker/bundle.ts';
import { allHistories, historiesOf } from './fetch.ts';
import type { RecordedHistory } from './history.ts';
import { replay, type Replayed } from './run.ts';

export type { Divergence } from './divergence.ts';
export { historyIn, type RecordedHistory } from './history.ts';
export { replay, type Replayed } from './run.ts';

/** What is replayed: given ones, or those that an engine has of one session or of all. */
export type Wanted =
  | { readonly histories: readonly RecordedHistory[] }
  | { readonly engine: EngineAddress; readonly session: string }
  | { readonly engine: EngineAddress; readonly all: { readonly since: Date | null } };

/** `bundle` null: the code is bundled first. */
export async function* replayed(bundle: string | null, wanted: Wanted): AsyncGenerator<Replayed> {
  const code = await workflowBundle(bundle);
  if (!code) throw new TypeError('There is no workflow code.');
  if ('histories' in wanted) return yield* replay(code, wanted.histories);
  const engine = connectEngine(wanted.engine);
  try {
    yield* replay(
      code,
      'session' in wanted ? historiesOf(engine.client, wanted.session) : allHistories(engine.client, wanted.all.since),
    );
  } finally {
    await engine.close();
  }
}

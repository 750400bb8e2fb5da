/** `tack demo`: the main job in half a minute, with nothing but what is on the machine. Whatever happens, what it started is stopped. */
import { startModel, type Model } from './model.ts';
import { createNarrator, type Narrator } from './narrate.ts';
import { nextSteps } from './next-steps.ts';
import { openRoom, type DemoRoom } from './room.ts';
import type { DemoOptions, Found } from './scene.ts';
import { play } from './story.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Plays the demo; false when a person stopped it. Throws what went wrong. In each case everything was stopped before. */
export async function playDemo(options: DemoOptions): Promise<boolean> {
  const stop = new AbortController();
  const stopped = new Promise<null>((resolve) => stop.signal.addEventListener('abort', () => resolve(null)));
  const onSignal = () => stop.abort();
  for (const signal of SIGNALS) process.on(signal, onSignal);
  options.onUnheard(onSignal);
  const narrator = createNarrator(options.stage);
  let model: Model | null = null;
  let room: DemoRoom | null = null;
  let found: Found | null = null;
  try {
    model = options.harness === 'scripted' ? null : await startModel();
    room = await openRoom({ ...options, env: { ...options.env, ...model?.env } });
    found = await Promise.race([play({ ...options, room, narrator, stop }), stopped]);
  } finally {
    if (stop.signal.aborted) narrator.step('stopping', 'Stopped: it ends what it started …');
    stop.abort(); // nobody follows the session any more
    await leave({ room, model, narrator, keep: options.keep && found !== null });
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
  if (!found) return false;
  narrator.step('done', '', { ...found });
  if (!options.stage.json) nextSteps(options, found).forEach((line) => options.stage.line(line));
  return true;
}

interface Leaving {
  readonly room: DemoRoom | null;
  readonly model: Model | null;
  readonly narrator: Narrator;
  readonly keep: boolean;
}

async function leave({ room, model, narrator, keep }: Leaving): Promise<void> {
  if (room && !keep) {
    await room.close();
    narrator.step('stopped', '$ tack down: everything that was started is stopped.', { data_folder: room.home });
  }
  await model?.close();
}

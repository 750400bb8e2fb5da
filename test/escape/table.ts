/** Every try, in the order of its row. */
import type { Attempt } from './attempt.ts';
import { KERNEL } from './attempts/kernel.ts';
import { LAUNCHING } from './attempts/launching.ts';
import { PLANTING } from './attempts/planting.ts';
import { PROCESSES } from './attempts/processes.ts';
import { READING } from './attempts/reading.ts';
import { RESOURCES } from './attempts/resources.ts';
import { SOCKETS } from './attempts/sockets.ts';
import { WRITING } from './attempts/writing.ts';

const CLASSES = 'RWPSX';
const placeOf = ({ id }: Attempt): number => CLASSES.indexOf(id.charAt(0)) * 1_000 + Number(id.slice(1));

export const ATTEMPTS: readonly Attempt[] = [
  ...READING,
  ...WRITING,
  ...PLANTING,
  ...LAUNCHING,
  ...PROCESSES,
  ...KERNEL,
  ...SOCKETS,
  ...RESOURCES,
].toSorted((a, b) => placeOf(a) - placeOf(b));

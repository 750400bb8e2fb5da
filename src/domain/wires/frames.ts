/** worker → server, over `run/frames.sock`: NDJSON lines. Frames are dropped when the reader is slow, wake-ups never. */
import { z } from 'zod';
import { Frame } from '../events/envelope.ts';

export const FrameLine = z.union([
  z.object({ session_id: z.string(), frame: Frame }),
  z.object({ session_id: z.string(), head_seq: z.number().int() }),
]);
export type FrameLine = z.infer<typeof FrameLine>;

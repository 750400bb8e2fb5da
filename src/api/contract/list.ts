/** Lists and what all queries share. */
import { z } from 'zod';

/** A page of a list: ask on with `after=<last_id>` while `has_more`. */
export const listOf = <T extends z.ZodType>(item: T) =>
  z.object({
    object: z.literal('list'),
    data: z.array(item),
    has_more: z.boolean(),
    first_id: z.string().nullable(),
    last_id: z.string().nullable(),
  });

export interface List<T> {
  readonly object: 'list';
  readonly data: readonly T[];
  readonly has_more: boolean;
  readonly first_id: string | null;
  readonly last_id: string | null;
}

export const limit = z.coerce.number<number>().int().min(1).max(500).default(50).describe('Rows of one page.');
export const cursor = z.string().min(1).max(200).optional().describe('`last_id` of the page before.');
export const afterSeq = z.coerce.number<number>().int().min(0).default(0).describe('Only events with a greater seq.');
export const wait = z.coerce
  .number<number>()
  .int()
  .min(0)
  .max(60)
  .default(0)
  .describe('Seconds to hold the answer until the turn stops.');

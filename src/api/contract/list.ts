/** Lists and what all queries share. */
import { z } from 'zod';

/** A page of a list: ask on with `after=<last_id>` while `has_more`, or back with `before=<first_id>`. */
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

const limit = z.coerce.number<number>().int().min(1).max(500).default(50).describe('Rows of one page.');
const cursor = z.string().min(1).max(200).optional();
export const ORDERS = ['asc', 'desc'] as const;
export type Order = (typeof ORDERS)[number];

/** The query of every list. `order` is that of the time when a row began. */
export const paged = (usual: Order) => ({
  limit,
  after: cursor.describe('`last_id` of the page before.'),
  before: cursor.describe('`first_id` of the page after; instead of `after`.'),
  order: z.enum(ORDERS).default(usual).describe('Oldest first, or newest first.'),
});
export interface Paged {
  readonly limit: number;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly order: Order;
}

export const afterSeq = z.coerce.number<number>().int().min(0).default(0).describe('Only events with a greater seq.');
export const wait = z.coerce
  .number<number>()
  .int()
  .min(0)
  .max(60)
  .default(0)
  .describe('Seconds to hold the answer until the turn stops.');

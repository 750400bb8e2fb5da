/** All rows of a list of the API, page by page. */
import type { List } from '../api/contract/list.ts';

type Query = { readonly after?: string; readonly limit: number };
const LIMIT = 500;

export async function allRows<T>(page: (query: Query) => Promise<List<T>>): Promise<readonly T[]> {
  const rows: T[] = [];
  for (let query: Query = { limit: LIMIT }; ;) {
    const answer = await page(query);
    rows.push(...answer.data);
    if (!answer.has_more || answer.last_id === null) return rows;
    query = { limit: LIMIT, after: answer.last_id };
  }
}

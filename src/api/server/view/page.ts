/** A page of rows that are all here. Pure. */
import { TackError } from '../../../domain/errors.ts';
import type { List, Paged } from '../../contract/list.ts';
import { listView } from './list.ts';

/** `rows` are in ascending order. */
export function pageOf<T>(rows: readonly T[], idOf: (row: T) => string, query: Paged): List<T> & { data: T[] } {
  const { limit, after, before, order } = query;
  refuseTwoCursors(query);
  const ordered = order === 'desc' ? rows.toReversed() : rows;
  const at = (cursor: string, name: string): number => {
    const found = ordered.findIndex((row) => idOf(row) === cursor);
    return found < 0 ? refuseCursor(name, cursor) : found;
  };
  if (before !== undefined) {
    const end = at(before, 'before');
    const start = Math.max(0, end - limit);
    return listView(ordered.slice(start, end), start > 0, idOf);
  }
  const start = after === undefined ? 0 : at(after, 'after') + 1;
  return listView(ordered.slice(start, start + limit), ordered.length > start + limit, idOf);
}

/** A page has one neighbour. */
export function refuseTwoCursors({ after, before }: { readonly after?: unknown; readonly before?: unknown }): void {
  if (after === undefined || before === undefined) return;
  const message = 'say `after` or `before`, not both';
  throw invalid('query.before', message);
}

/** A row that is not there has no neighbours: the first page again would never end. */
export function refuseCursor(name: string, cursor: string): never {
  throw invalid(`query.${name}`, `there is no row ${JSON.stringify(cursor)}`);
}

const invalid = (place: string, message: string): TackError =>
  new TackError('request_invalid', `${place}: ${message}`, { data: { errors: [{ place, message }] } });

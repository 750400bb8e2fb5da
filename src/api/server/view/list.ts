/** A page as the API answers it. */
import type { List } from '../../contract/list.ts';

export function listView<T>(data: readonly T[], has_more: boolean, idOf: (item: T) => string): List<T> & { data: T[] } {
  const [first, last] = [data[0], data.at(-1)];
  return {
    object: 'list',
    data: [...data],
    has_more,
    first_id: first === undefined ? null : idOf(first),
    last_id: last === undefined ? null : idOf(last),
  };
}

/** The table of routes, from the contract. */
import { ALL_ROUTES } from '../../src/api/contract/routes.ts';
import { code, table } from './markdown.ts';

export const routeTable = (): string =>
  table(
    ['Route', 'Does', 'Query'],
    ALL_ROUTES.map(([, { method, path, summary, query }]) => [
      code(`${method} ${path}`),
      summary,
      Object.keys(query?.shape ?? {})
        .map(code)
        .join(' ') || '–',
    ]),
  );

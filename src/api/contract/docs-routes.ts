/** The reader of this contract, for a browser: it takes the token as the password of Basic, too. */
import { z } from 'zod';
import { route, type Route } from './route.ts';

/** What the page is made of, besides itself. */
export const DOCS_FILES = ['scalar.js', 'openapi.json'] as const;

export const DOCS_ROUTES = {
  page: route({
    method: 'GET',
    path: '/docs',
    summary: 'This contract, to be read in a browser.',
    form: 'page',
    answer: z.string(),
  }),
  file: route({
    method: 'GET',
    path: '/docs/{file}',
    summary: 'What the page is made of.',
    form: 'page',
    params: z.strictObject({ file: z.enum(DOCS_FILES) }),
    answer: z.string(),
  }),
} as const satisfies Record<string, Route>;

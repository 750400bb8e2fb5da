/** What a row of the contract table says. */
import type { z } from 'zod';
import type { ErrorCode } from '../../domain/errors.ts';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** OpenAPI spelling: `/v1/sessions/{session_id}`. */
  readonly path: string;
  readonly summary: string;
  /** `json` unless it says otherwise; `stream` is SSE, `git` is git's own smart HTTP, `page` is opened by a browser. */
  readonly form: 'json' | 'stream' | 'git' | 'page';
  /** False only for the two routes of health. */
  readonly auth: boolean;
  /** Status of success. */
  readonly status: 200 | 202;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answer: z.ZodType;
  /** Refusals of this route, besides those of every route (COMMON_ERRORS). */
  readonly errors: readonly ErrorCode[];
}

/** What any route may answer. */
export const COMMON_ERRORS = [
  'auth_failed',
  'origin_refused',
  'request_invalid',
  'request_too_large',
  'store_unavailable',
  'internal',
] as const satisfies readonly ErrorCode[];

type Given = Omit<Route, 'form' | 'auth' | 'status' | 'errors'> &
  Partial<Pick<Route, 'form' | 'auth' | 'status' | 'errors'>>;
/** What was given keeps its exact types (the client is derived from them). */
type Filled<R extends Given> = R &
  Pick<Route, 'auth' | 'status' | 'errors'> & { readonly form: R extends { form: infer F } ? F : 'json' };

/** A row, with what most rows share filled in. */
export function route<const R extends Given>(row: R): Filled<R> {
  return { form: 'json', auth: true, status: 200, errors: [], ...row } as unknown as Filled<R>;
}

/** The path of a row with its parameters put in. */
export function pathOf(row: Route, params: Readonly<Record<string, unknown>>): string {
  return row.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])));
}

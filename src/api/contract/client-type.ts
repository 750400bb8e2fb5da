/** The typed client, derived from the contract table: one method a JSON row. Types only. */
import type { z } from 'zod';
import type { Route } from './route.ts';
import type { Routes } from './routes.ts';

type Part<S> = S extends z.ZodType ? z.input<S> : unknown;
type PartOf<R, K extends PropertyKey> = K extends keyof R ? Part<R[K]> : unknown;
/** Parameters and query by name, and `body`. */
export type InputOf<R extends Route> = PartOf<R, 'params'> &
  PartOf<R, 'query'> &
  (R extends { body: infer B } ? { body: Part<B> } : unknown);
export type AnswerOf<R extends Route> = z.output<R['answer']>;

export interface CallOptions {
  /** Sent with a POST; a new one for each call otherwise. Repeat a call with the key of the first try. */
  readonly idempotency_key?: string;
  readonly signal?: AbortSignal;
}

/** All inputs of a row are optional: it may be called without any. */
type Method<R extends Route> =
  Record<never, never> extends InputOf<R>
    ? (input?: InputOf<R>, options?: CallOptions) => Promise<AnswerOf<R>>
    : (input: InputOf<R>, options?: CallOptions) => Promise<AnswerOf<R>>;
type Group<G> = {
  readonly [N in keyof G as G[N] extends { form: 'json' } ? N : never]: G[N] extends Route ? Method<G[N]> : never;
};
export type Methods = { readonly [G in keyof Routes as G extends 'git' ? never : G]: Group<Routes[G]> };

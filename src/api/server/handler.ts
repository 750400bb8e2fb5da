/** What a handler of a row gets and gives: typed by the contract table, so that a row without its handler does not compile. Types only. */
import type { z } from 'zod';
import type { Actor, Via } from '../../domain/actor.ts';
import type { AnswerOf } from '../contract/client-type.ts';
import type { Route } from '../contract/route.ts';
import type { Routes } from '../contract/routes.ts';

type Parsed<R, K extends string> = R extends Record<K, infer S extends z.ZodType> ? z.output<S> : undefined;

export interface Call<R extends Route = Route> {
  readonly params: Parsed<R, 'params'>;
  readonly query: Parsed<R, 'query'>;
  readonly body: Parsed<R, 'body'>;
  /** The client's Idempotency-Key, or one made for this request. */
  readonly key: string;
  readonly actor: Actor;
  readonly via: Via;
  /** Aborted when the client has gone or the server ends. */
  readonly signal: AbortSignal;
}

export type Handler<R extends Route> = (call: Call<R>) => Promise<AnswerOf<R>>;

/** One handler for each JSON row. */
export type Handlers = {
  readonly [G in keyof Routes as G extends 'git' | 'docs' ? never : G]: {
    readonly [N in keyof Routes[G] as Routes[G][N] extends { form: 'json' } ? N : never]: Routes[G][N] extends Route
      ? Handler<Routes[G][N]>
      : never;
  };
};

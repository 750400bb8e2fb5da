/** What an attempt hears when it asks for an approval, at once: nobody answered yet, or the recorded answer. Types only. */
import type { Answer } from '../turn.ts';

export type Asked =
  | { readonly status: 'pending'; readonly expires_at: string }
  | { readonly status: 'decided'; readonly answer: Answer }
  | { readonly status: 'expired' | 'cancelled' };

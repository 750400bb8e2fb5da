/** broker → worker, over `run/judge.sock`: may this leave, and what did it cost. Nobody there: nothing leaves. */
import { z } from 'zod';
import { Action } from '../action/schema.ts';
import { Effect, RuleHit } from '../policy/schema.ts';

export const JudgeRequest = z.object({ session_id: z.string(), epoch: z.number().int(), action: Action });
export type JudgeRequest = z.infer<typeof JudgeRequest>;
export const JudgeAnswer = z.object({ effect: Effect, rules: z.array(RuleHit), approval_id: z.string().optional() });
export type JudgeAnswer = z.infer<typeof JudgeAnswer>;

export const UsageReport = z.object({
  session_id: z.string(),
  epoch: z.number().int(),
  turn_id: z.string(),
  /** One model request; a repeated report with the same id is one. */
  request_id: z.string(),
  model: z.string(),
  input_tokens: z.number().int().nonnegative(),
  output_tokens: z.number().int().nonnegative(),
  cache_read_tokens: z.number().int().nonnegative(),
  cache_write_tokens: z.number().int().nonnegative(),
  /** The stream broke before the provider's last word: the figures are a lower bound. */
  partial: z.boolean(),
  status: z.number().int(),
});
export type UsageReport = z.infer<typeof UsageReport>;

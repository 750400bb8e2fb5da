/** What is asked of people, and what they say. */
import { z } from 'zod';
import { idSchema } from '../id-schema.ts';
import { DECISIONS, GRANT_SCOPES } from './words.ts';

export const DecisionWord = z.enum(DECISIONS);
export type DecisionWord = z.infer<typeof DecisionWord>;

/** What a grant covers besides one digest, in the words of a rule. Shown to the person before they agree. */
export const GrantPattern = z
  .strictObject({
    on: z.string().describe('An action kind.'),
    paths: z.array(z.string()).optional(),
    commands: z.array(z.string()).optional(),
    hosts: z.array(z.string()).optional(),
    tools: z.array(z.string()).optional(),
  })
  .meta({ id: 'GrantPattern' });
export type GrantPattern = z.infer<typeof GrantPattern>;

/** The body of an answer, on every surface. */
export const DecisionBody = z
  .strictObject({
    digest: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('The digest that the approval shows.'),
    decision: DecisionWord,
    pattern: GrantPattern.optional().describe('What a session or lasting allow covers.'),
    message: z.string().max(20_000).optional().describe('Told to the agent with a deny.'),
    input: z.unknown().optional().describe('The answer to a question.'),
  })
  .meta({ id: 'DecisionBody' });
export type DecisionBody = z.infer<typeof DecisionBody>;

/** An allow that discharges the asks of an action: for one digest, or for what a pattern covers. */
export const Grant = z
  .object({
    grant_id: idSchema('grant'),
    approval_id: idSchema('approval'),
    scope: z.enum(GRANT_SCOPES),
    digest: z.string().nullable(),
    pattern: GrantPattern.nullable(),
    rules: z.array(z.string()).describe('The rules whose asks it discharges.'),
  })
  .meta({ id: 'Grant' });
export type Grant = z.infer<typeof Grant>;

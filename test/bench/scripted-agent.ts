/** An agent without a model, for load. */
import { stringify } from 'yaml';

export const scriptedAgent = (steps: unknown) => ({
  name: 'scripted',
  harness: 'scripted' as const,
  script: stringify(steps),
});

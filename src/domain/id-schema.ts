/** The zod schemas of ids, apart from ids.ts so that workflow code stays free of zod. */
import { z } from 'zod';
import { ID_PREFIXES, type Id, type IdKind } from './ids.ts';

/** The schema of one kind of id; the body is Crockford base32 or hex, so that it fits a path, a branch and a queue name. */
export function idSchema<K extends IdKind>(kind: K) {
  return z.templateLiteral([`${ID_PREFIXES[kind]}_`, z.string().regex(/^[0-9a-zA-Z]{8,64}$/)]) as unknown as z.ZodType<
    Id<K>
  >;
}

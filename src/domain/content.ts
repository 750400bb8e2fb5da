/** What people and agents say: parts of a message, and the reference that stands for a large one. */
import { z } from 'zod';

/** A reference to content kept outside the log: the digest stays when the content is deleted (a verifiable tombstone). */
export const BlobRef = z
  .strictObject({ $blob: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.number().int().nonnegative() })
  .meta({ id: 'BlobRef' });
export type BlobRef = z.infer<typeof BlobRef>;

/** One part of a message. `data` of an image or a file is base64. */
export const Content = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('text'), text: z.string() }),
    z.strictObject({ type: z.literal('image'), media_type: z.string(), data: z.string() }),
    z.strictObject({ type: z.literal('file'), name: z.string(), media_type: z.string(), data: z.string() }),
  ])
  .meta({ id: 'Content' });
export type Content = z.infer<typeof Content>;

/** The words of a message, without its images and files. */
export function textOf(content: readonly Content[]): string {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n');
}

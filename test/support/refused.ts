/** A command that is refused, looked at as a person reads it and as a program does, and told for the table of bad input. */
import { expect } from 'vitest';
import type { Room } from './tackroom.ts';
import { told } from './told.ts';

export interface Case {
  /** Its place in the table of docs/reference/errors.md. */
  readonly kind: string;
  readonly what: string;
  readonly exit: number;
  readonly code: string;
  /** What a person reads: the place or the value met, and the way out. */
  readonly says: readonly (string | RegExp)[];
}

/** Twice: as a person reads it, and as a program does. */
export async function refusedBy(
  room: Room,
  { args, cwd }: { readonly args: readonly string[]; readonly cwd: string },
  { kind, what, exit, code, says }: Case,
): Promise<void> {
  const { code: ended, stdout, stderr } = await room.tack(args, { cwd });
  expect({ exit: ended, stdout }, stderr).toEqual({ exit, stdout: '' });
  for (const words of says) expect(stderr).toMatch(words);
  const asked = await room.tack([...args, '--json'], { cwd });
  expect(asked.code).toBe(exit);
  expect(JSON.parse(asked.stdout)).toMatchObject({
    code,
    status: expect.any(Number),
    detail: expect.any(String),
    remediation: expect.stringMatching(/\w/),
  });
  told({ kind, what, ends: `exit ${ended}`, says: stderr });
}

/** What a row of the table of errors says, and the exit codes that it may name. */

/** What a process of ours exits with. Printed by `tack help exit-codes`. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  needs_person: 3,
  auth: 4,
  budget: 5,
  denied: 6,
  changes_asked: 7,
  unreachable: 8,
  timeout: 124,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface ErrorKind {
  /** HTTP status. */
  readonly status: number;
  readonly exit: ExitCode;
  /** Whether the same call may succeed later without a change. */
  readonly retryable: boolean;
  readonly title: string;
  /** What a person does next. */
  readonly way_out: string;
}

export const row = (status: number, exit: ExitCode, retryable: boolean, title: string, way_out: string): ErrorKind => ({
  status,
  exit,
  retryable,
  title,
  way_out,
});

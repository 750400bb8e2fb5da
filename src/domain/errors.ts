/** The one table of refusals and errors: `ApplicationFailure.type`, problem `code` and CLI errors share its spelling. Its rows stand by family beside this file. */
import type { ErrorKind } from './errors/kind.ts';
import { ROLE_ERRORS } from './errors/roles.ts';
import { SESSION_ERRORS } from './errors/session.ts';
import { UPKEEP_ERRORS } from './errors/upkeep.ts';
import { WORK_ERRORS } from './errors/work.ts';

export { EXIT, type ErrorKind, type ExitCode } from './errors/kind.ts';

export const ERROR_KINDS = {
  ...SESSION_ERRORS,
  ...WORK_ERRORS,
  ...ROLE_ERRORS,
  ...UPKEEP_ERRORS,
} as const satisfies Record<string, ErrorKind>;
export type ErrorCode = keyof typeof ERROR_KINDS;

/** Why a command was not carried out: a value, not an exception. */
export interface Refusal {
  readonly refused: ErrorCode;
  readonly message: string;
  readonly details?: Readonly<Record<string, unknown>>;
}
export const refuse = (refused: ErrorCode, message: string, details?: Readonly<Record<string, unknown>>): Refusal => ({
  refused,
  message,
  ...(details && { details }),
});
export const isRefusal = (value: unknown): value is Refusal =>
  typeof value === 'object' && value !== null && 'refused' in value;

const BRAND = Symbol.for('tackroom.error');

/** An error that people see: what happened, the value met, the way out. Recognised by brand, also across realms. */
export class TackError extends Error {
  readonly code: ErrorCode;
  readonly data: Readonly<Record<string, unknown>> | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    more: { data?: Readonly<Record<string, unknown>>; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause });
    this.name = 'TackError';
    this.code = code;
    this.data = more.data;
    Object.defineProperty(this, BRAND, { value: true });
  }
}
export const isTackError = (value: unknown): value is TackError =>
  typeof value === 'object' && value !== null && BRAND in value;
export const isErrorCode = (value: unknown): value is ErrorCode =>
  typeof value === 'string' && Object.hasOwn(ERROR_KINDS, value);

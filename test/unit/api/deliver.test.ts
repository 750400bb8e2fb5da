/** How a message reaches a session's workflow, and what is said when it does not. */
import { describe, expect, it } from 'vitest';
import { told } from '../../../src/api/engine/deliver.ts';
import { TackError } from '../../../src/domain/errors.ts';

/** As the client of the engine throws it. */
const grpc = (code: number, details: string) => Object.assign(new Error(details), { code, details, metadata: {} });
const closed = async () => new TackError('session_closed', 'It has ended.');

describe('what an engine’s failure is told as', () => {
  it.each([
    ['a workflow whose next step fails', grpc(9, 'Workflow Task in failed state'), 'session_stuck'],
    ['an engine that is away', grpc(14, 'No connection'), 'engine_unavailable'],
    ['a wrapped one', new Error('failed', { cause: grpc(9, 'Workflow Task in failed state') }), 'session_stuck'],
    ['anything else', new Error('a mistake of ours'), 'internal'],
  ])('%s', async (_what, error, code) => {
    expect(await told(error, closed)).toMatchObject({ code, cause: error });
  });
});

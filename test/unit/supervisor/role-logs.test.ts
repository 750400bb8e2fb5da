/** The lines of a role's log: JSON, a constant message, snake_case, and no secret, whoever wrote it and where. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from '../../../src/domain/redact.ts';
import { logLines } from '../../../src/supervisor/log-lines.ts';
import { roleLogger } from '../../../src/supervisor/role-logger.ts';

const SECRETS = {
  anthropic: `${'sk-ant'}-api03-Zx81kQpLm2-canary_0123456789`,
  openai: 'sk-proj-abcdefghijklmnop0123456789',
  github: 'ghp_0123456789abcdefghijABCDEFGHIJ012345',
  slack: 'xoxb-123456789012-abcdefghijkl',
  aws: 'AKIAIOSFODNN7EXAMPLE',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N',
} as const;
const OPAQUE = 'opaque-canary-with-no-look';

const lines = (text: string): readonly Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('a line of a log', () => {
  it('has no secret that looks like one, wherever it stands in a line', () => {
    for (const [name, secret] of Object.entries(SECRETS))
      for (const line of [secret, `"${secret}"`, `x=${secret};y`, JSON.stringify({ a: [{ b: `see ${secret}.` }] })])
        expect(redact(line), `${name}: ${line}`).not.toContain(secret);
  });

  it('has no text in a field that is called like a secret, however deep it stands', () => {
    for (const field of [
      'token',
      'api_key',
      'x-api-key',
      'authorization',
      'Authorization',
      'client_secret',
      'password',
      'set-cookie',
    ])
      for (const line of [{ [field]: OPAQUE }, { a: { b: [{ [field]: `${OPAQUE} "quoted" \\` }] } }]) {
        const text = redact(JSON.stringify(line));
        expect(text, field).not.toContain(OPAQUE);
        expect(() => JSON.parse(text) as unknown, text).not.toThrow();
      }
  });

  it('has no password of an address, and no bearer', () => {
    expect(redact(`postgres://ann:${OPAQUE}@db:5432/x`)).toBe('postgres://ann:[redacted]@db:5432/x');
    expect(redact(`Authorization: Bearer ${OPAQUE}`)).not.toContain(OPAQUE);
  });

  it('keeps what is no secret (control: an ordinary line passes as it is)', () => {
    const line = JSON.stringify({
      level: 'info',
      msg: 'request.carried',
      input_tokens: 12,
      session_id: 'ses_01',
      sha: 'a'.repeat(40),
      text: 'a task-list of tokens',
    });
    expect(redact(line)).toBe(line);
  });

  it('stays JSON, whatever it holds', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('token', 'text', 'password', 'x'), fc.string()), (fields) => {
        JSON.parse(redact(JSON.stringify(fields)));
      }),
    );
  });
});

describe('the logger of a role', () => {
  it('writes time, level, role, pid, a constant message, and the fields; a secret in an error is taken out', () => {
    const written: string[] = [];
    const logger = roleLogger('worker', 'info', { write: (line) => void written.push(line) });
    logger.debug('quiet');
    logger.warn({ session_id: 'ses_01', err: new Error(`it said ${SECRETS.anthropic}`), token: OPAQUE }, 'host.unseen');
    const text = written.join('');
    expect(lines(text)).toEqual([
      expect.objectContaining({
        level: 'warn',
        role: 'worker',
        pid: process.pid,
        msg: 'host.unseen',
        session_id: 'ses_01',
        token: '[redacted]',
      }),
    ]);
    expect(lines(text)[0]?.['time']).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect([SECRETS.anthropic, OPAQUE].filter((secret) => text.includes(secret))).toEqual([]);
  });
});

describe('what a role prints', () => {
  const through = (...chunks: readonly (string | Uint8Array)[]): string => {
    const written: string[] = [];
    const to = logLines('engine', { write: (line) => void written.push(line) }, () => new Date(0));
    for (const chunk of chunks) to.write(chunk);
    to.end();
    return written.join('');
  };

  it('is JSON line by line, also a crash and the words of a library; its own lines pass as they are', () => {
    const own = '{"level":"info","role":"engine","msg":"x"}';
    const text = through(
      `${own}\nError: boom\n    at there\n`,
      'time=now level=ERROR msg="no disk"\n{"level":"warn","msg":"not ours"}\n\n',
      'the end',
    );
    expect(text.startsWith(`${own}\n`)).toBe(true);
    expect(lines(text).slice(1)).toEqual(
      [
        ['error', 'Error: boom'],
        ['warn', '    at there'],
        ['error', 'time=now level=ERROR msg="no disk"'],
        ['warn', '{"level":"warn","msg":"not ours"}'],
        ['warn', 'the end'],
      ].map(([level, said]) => ({
        level,
        time: '1970-01-01T00:00:00.000Z',
        role: 'engine',
        msg: 'role.said',
        text: said,
      })),
    );
  });

  it('has no secret, also one that was cut in two on its way', () => {
    const bytes = Buffer.from(`the key is ${SECRETS.anthropic}!\n`);
    for (let at = 1; at < bytes.length; at += 5) {
      const text = through(bytes.subarray(0, at), bytes.subarray(at));
      expect(text).not.toContain(SECRETS.anthropic);
      expect(text).toContain('the key is');
    }
  });
});

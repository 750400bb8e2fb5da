import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inward, outward } from '../../../../src/sandbox/broker/headers.ts';
import { maskOf } from '../../../../src/sandbox/broker/mask.ts';
import { readModelCall } from '../../../../src/sandbox/broker/model-call.ts';
import { tapUsage } from '../../../../src/sandbox/broker/usage-tap.ts';

/** Cuts bytes at the given places. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set([0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length])].toSorted(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, n) => bytes.subarray(places[n], end));
}
const cuts = fc.array(fc.nat(2_000), { maxLength: 30 });

describe('the cost of a stream', () => {
  const event = (data: object) => `event: x\r\ndata: ${JSON.stringify(data)}\r\n\r\n`;
  const start = {
    type: 'message_start',
    message: {
      usage: { input_tokens: 12, output_tokens: 1, cache_read_input_tokens: 3, cache_creation_input_tokens: 4 },
    },
  };
  const lure = {
    type: 'content_block_delta',
    delta: { text: 'data: {"type":"message_delta","usage":{"output_tokens":999}} é\u2028' },
  };
  const delta = { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 56 } };
  const stop = { type: 'message_stop' };
  const whole = Buffer.from([start, lure, { type: 'ping' }, delta, stop].map(event).join(''));
  const tokens = { input_tokens: 12, cache_read_tokens: 3, cache_write_tokens: 4 };

  it('is the same however the network cuts it', () => {
    fc.assert(
      fc.property(cuts, (places) => {
        const tap = tapUsage('text/event-stream; charset=utf-8');
        for (const piece of pieces(whole, places)) tap.see(piece);
        expect(tap.isOver()).toBe(true);
        expect(tap.usage()).toEqual({ ...tokens, output_tokens: 56, partial: false });
      }),
    );
  });

  it('is a lower bound when the last word was not heard', () => {
    const tap = tapUsage('text/event-stream');
    tap.see(whole.subarray(0, whole.indexOf('message_delta","delta"')));
    expect(tap.usage()).toEqual({ ...tokens, output_tokens: 1, partial: true });
    expect(tap.isOver()).toBe(false);
  });

  it('survives a line without an end', () => {
    const tap = tapUsage('text/event-stream');
    for (let n = 0; n < 50; n++) tap.see(Buffer.alloc(100_000, 'x'));
    tap.see(Buffer.from('\n'));
    tap.see(whole);
    expect(tap.usage().output_tokens).toBe(56);
  });

  it('of an answer in one piece is read at its end; of one that is no JSON it is unknown', () => {
    const json = tapUsage('application/json');
    for (const piece of pieces(Buffer.from(JSON.stringify({ usage: { input_tokens: 5, output_tokens: 6 } })), [7, 20]))
      json.see(piece);
    expect(json.usage()).toMatchObject({ input_tokens: 5, output_tokens: 6, partial: false });
    const html = tapUsage('text/html');
    html.see(Buffer.from('<html>'));
    expect(html.usage()).toMatchObject({ input_tokens: 0, partial: true });
  });
});

describe('the mask', () => {
  const secret = 'sk-ant-sksk-ant-0123';
  const base64 = Buffer.from(secret).toString('base64').replace(/=+$/, '');
  const words = fc.array(
    fc.oneof(fc.constantFrom(secret, base64, secret.slice(0, 9), 'sk-', 'ant', '\n'), fc.string()),
    { maxLength: 20 },
  );

  it('hides the secret wherever the network cuts, keeps the length, and changes nothing else', () => {
    fc.assert(
      fc.property(words, cuts, (parts, places) => {
        const bytes = Buffer.from(parts.join(''));
        const mask = maskOf(secret);
        const out = Buffer.concat([
          ...pieces(bytes, places).map((piece) => mask.pass(Buffer.from(piece))),
          mask.rest(),
        ]);
        expect(out).toHaveLength(bytes.length);
        expect(out.includes(secret) || out.includes(base64)).toBe(false);
        if (!bytes.includes(secret) && !bytes.includes(base64)) expect(out).toEqual(bytes);
      }),
    );
  });

  it('keeps nothing back that cannot begin the secret', () => {
    expect(maskOf(secret).pass(Buffer.from('data: {"text":"sk"}\n\n')).toString()).toBe('data: {"text":"sk"}\n\n');
  });
});

describe('headers', () => {
  it('that may carry a credential, a name or a connection stay where they are', () => {
    const names = [
      'authorization',
      'x-api-key',
      'cookie',
      'proxy-authorization',
      'host',
      'connection',
      'te',
      'trailer',
      'x-forwarded-host',
      'x-http-method-override',
      'range',
      'expect',
    ];
    const said = Object.fromEntries(
      [...names, 'anthropic-beta', 'content-type', 'x-stainless-os', 'accept-encoding'].map((name) => [name, 'said']),
    );
    expect(outward(said)).toEqual({
      'anthropic-beta': 'said',
      'content-type': 'said',
      'x-stainless-os': 'said',
      'accept-encoding': 'identity',
    });
    expect(
      inward(
        { 'set-cookie': ['a'], location: 'x', 'request-id': 'my-secret-key', 'retry-after': '3' },
        'my-secret-key',
      ),
    ).toEqual({ 'retry-after': '3' });
  });
});

describe('a model request', () => {
  const read = (text: string | Buffer) => readModelCall(Buffer.from(text));
  it('leaves as it was read: of two models the judged one', () => {
    const call = read('{"model":"cheap","mod\\u0065l":"dear","max_tokens":5,"x":{"__proto__":{"a":1}}}');
    expect(call).toMatchObject({ model: 'dear', max_tokens: 5 });
    expect('body' in call && call.body.toString()).toBe('{"model":"dear","max_tokens":5,"x":{"__proto__":{"a":1}}}');
  });

  it.each([
    '',
    '[]',
    'null',
    '{"model":""}',
    '{"model":"m","max_tokens":-1}',
    '{"model":"m","max_tokens":"9"}',
    '{"model":"m"',
    Buffer.from('{"model":"\xff"}', 'latin1'),
    Buffer.from('\ufeff{"model":"m"}', 'utf16le'),
  ])('that cannot be read is refused: %s', (text) =>
    expect(read(text)).toMatchObject({ status: 400, rule: 'readable-request' }),
  );

  it('may use tools that the client runs', () => {
    const tools = [
      { name: 'Bash' },
      { type: 'custom', name: 'x' },
      { type: 'bash_20250124' },
      { type: 'text_editor_20250728' },
    ];
    expect(read(JSON.stringify({ model: 'm', tools }))).toMatchObject({ model: 'm' });
  });
});

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { fingerprintOf, type CredentialInfo } from '../../../src/domain/wires/broker.ts';
import { endpoint, openRig, SESSION, type Rig } from './rig.ts';

let rig: Rig | undefined;
afterEach(() => rig?.close());

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const given = (secret: string) => ({
  ref: 'anthropic',
  kind: 'api_key',
  secret,
  base_url: rig?.model.url ?? null,
  source: 'ANTHROPIC_API_KEY of this terminal',
});
const info = (body: string) => JSON.parse(body) as CredentialInfo;

it('without a credential a session is told so; one that a person gives is used from then on', async () => {
  rig = await openRig(() => ({ ANTHROPIC_API_KEY: '' }));
  expect(await rig.control('PUT', `/endpoints/${SESSION}`, endpoint())).toMatchObject({ status: 424 });
  for (const secret of ['sk-first-of-the-terminal', 'sk-second-of-the-terminal']) {
    const put = await rig.control('PUT', '/credentials', given(secret));
    expect(info(put.body)).toEqual({
      ref: 'anthropic',
      kind: 'api_key',
      base_url: rig.model.url,
      source: 'ANTHROPIC_API_KEY of this terminal',
      fingerprint: fingerprintOf(secret, sha256),
    });
    await rig.ask(await rig.open(), '[[text {"text":"x"}]]');
    expect(rig.model.requests().at(-1)?.credential).toBe(sha256(secret));
    expect(rig.log()).not.toContain(secret);
  }
});

it('its own credential stays, and the answer tells that another one was given', async () => {
  rig = await openRig();
  const answered = info((await rig.control('PUT', '/credentials', given('sk-another-one'))).body);
  expect(answered.source).toBe('ANTHROPIC_API_KEY of the broker');
  expect(answered.fingerprint).toBe(fingerprintOf(rig.canary, sha256));
  expect(answered.fingerprint).not.toBe(fingerprintOf('sk-another-one', sha256));
  await rig.ask(await rig.open(), '[[text {"text":"x"}]]');
  expect(rig.model.requests().at(-1)?.credential).toBe(rig.canary_hash);
});

it('a credential without a safe place is refused, and the refusal does not repeat it', async () => {
  rig = await openRig(() => ({ ANTHROPIC_API_KEY: '' }));
  for (const wrong of [
    { base_url: 'http://192.0.2.1' },
    { secret: 'two words here' },
    { kind: 'password' },
    { ref: 'unknown', base_url: null },
  ]) {
    const answered = await rig.control('PUT', '/credentials', { ...given('sk-wrongly-given'), ...wrong });
    expect(answered.status).toBe(422);
    expect(answered.body).not.toMatch(/sk-wrongly-given|two words here/);
  }
});

it('says what it holds without the secret; the secret is in no argument', async () => {
  rig = await openRig();
  const health = await rig.control('GET', '/health');
  expect(JSON.parse(health.body)).toMatchObject({
    ok: true,
    pid: rig.broker().pid,
    endpoints: 0,
    credentials: [{ ref: 'anthropic' }],
  });
  const list = await rig.control('GET', '/credentials');
  for (const said of [health.body, list.body, readFileSync(`/proc/${rig.broker().pid}/cmdline`, 'utf8')])
    expect(said).not.toContain(rig.canary);
});

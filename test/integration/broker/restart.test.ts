import { statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { linkBroker } from '../../../src/worker/broker-link.ts';
import { until } from '../../support/until.ts';
import { CLIENT_HEADERS, endpoint, message, openRig, SESSION, type Rig } from './rig.ts';

let rig: Rig | undefined;
let link: ReturnType<typeof linkBroker> | undefined;
afterEach(async () => {
  link?.end();
  await rig?.close();
});

it.each(['SIGKILL', 'SIGTERM'] as const)(
  'a broker that ends by %s in the middle of a stream is back at the same folder, and the next request passes',
  async (signal) => {
    rig = await openRig();
    const { ask, model } = rig;
    link = linkBroker({ socket: join(rig.run_folder, 'broker.sock'), describe: (wish) => endpoint(wish) });
    const { dir } = await link.open(SESSION, { epoch: 3, turn_id: 'trn_3', credential_ref: 'anthropic' });
    const { ino } = statSync(dir);
    const broken = Promise.withResolvers<string>();
    const streaming = Promise.withResolvers<void>();
    const sent = request(
      { socketPath: join(dir, 'e.sock'), method: 'POST', path: '/v1/messages', headers: CLIENT_HEADERS, agent: false },
      (response) =>
        response
          .once('data', () => streaming.resolve())
          .on('error', (error) => broken.resolve(error.message))
          .on('end', () => broken.resolve('end')),
    );
    sent.on('error', (error) => broken.resolve(error.message));
    sent.end(JSON.stringify(message('[[slowtext {"n":2000,"ms":20}]]')));
    await streaming.promise;

    await rig.kill(signal);
    expect(await broken.promise).toMatch(/aborted|ECONNRESET/);
    await rig.restart();
    await until('the endpoint to be announced again', () =>
      ask(dir, '[[text {"text":"again"}]]').then(
        ({ status, body }) => status === 200 && body.includes('again'),
        () => false,
      ),
    );
    expect(statSync(dir).ino).toBe(ino); // a sandbox that has it bound sees the new socket
    expect(model.requests().at(-1)?.credential).toBe(rig.canary_hash);
    expect(rig.asked.at(-1)).toMatchObject({ session_id: SESSION, epoch: 3 });
    if (signal === 'SIGTERM') expect(rig.usages[0]).toMatchObject({ partial: true, input_tokens: 1000 });
    await link.close(SESSION);
    expect(statSync(dir, { throwIfNoEntry: false })).toBeUndefined();
  },
);

it('two brokers do not serve one run folder', async () => {
  rig = await openRig();
  const first = rig.broker();
  await rig.restart(); // it finds a broker that listens: the first one
  await until('the second one to give up', () => rig?.log().includes('Another broker serves'));
  expect(JSON.parse((await rig.control('GET', '/health')).body)).toMatchObject({ pid: first.pid });
  first.kill('SIGKILL');
});

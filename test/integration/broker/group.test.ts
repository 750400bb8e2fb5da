/** The key in a whole group: it is in the broker's memory, and where no other process of the user could read it. */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startModelServer, type ModelServer } from '../../../src/demo/model-server/server.ts';
import { fingerprintOf } from '../../../src/domain/wires/broker.ts';
import { processesNaming } from '../../support/processes.ts';
import { openRoom, type Room } from '../../support/tackroom.ts';
import { until } from '../../support/until.ts';

let room: Room | undefined;
let model: ModelServer | undefined;
afterEach(async () => {
  await room?.close();
  await model?.close();
});

const fingerprint = (secret: string) =>
  fingerprintOf(secret, (text) => createHash('sha256').update(text).digest('hex'));
const held = async () => (await room!.client().info.show()).credentials.map((one) => [one.fingerprint, one.source]);
const newBroker = async () => {
  const pid = await room!.kill('broker');
  await until('another broker', async () => {
    const broker = (await room!.status()).roles.find(({ role }) => role === 'broker');
    return broker?.state === 'ready' && broker.pid !== pid;
  });
};
/** Where any process of the same user can look. */
const readable = (pid: number) =>
  ['environ', 'cmdline'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8')).join('\n');

describe('a key', () => {
  const canary = `sk-ant-canary-${randomBytes(16).toString('hex')}`;

  it('of the environment of `tack up` is in the environment and the arguments of no process of the group, and in no log', async () => {
    room = openRoom({ ANTHROPIC_API_KEY: canary });
    const { pid, roles } = await room.up();
    const control = spawn('sleep', ['600'], { env: room.env });
    expect(readable(control.pid!)).toContain(canary); // the control: who inherits it shows it
    control.kill('SIGKILL');
    const group = [pid, ...roles.map((role) => role.pid ?? 0), ...processesNaming(room.home).map((one) => one.pid)];
    expect(group.filter((one) => readable(one).includes(canary))).toEqual([]);
    expect(await held()).toEqual([[fingerprint(canary), 'ANTHROPIC_API_KEY of `tack up`']]);
    await newBroker();
    expect(await held()).toEqual([[fingerprint(canary), 'ANTHROPIC_API_KEY of `tack up`']]);
    for (const name of ['supervisor', 'broker', 'server', 'worker', 'engine'])
      expect(readFileSync(join(room.home, 'logs', `${name}.log`), 'utf8')).not.toContain(canary);
  });

  it('that a terminal gave is known to the next broker, too', async () => {
    model = await startModelServer();
    room = openRoom();
    await room.up();
    expect(await held()).toEqual([]);
    const source = 'ANTHROPIC_API_KEY of this terminal';
    const body = { ref: 'anthropic', kind: 'api_key' as const, secret: canary, base_url: model.url, source };
    await room.client().credentials.put({ body });
    await newBroker();
    expect(await held()).toEqual([[fingerprint(canary), source]]);
    expect(processesNaming(room.home).filter((one) => readable(one.pid).includes(canary))).toEqual([]);
  });
});

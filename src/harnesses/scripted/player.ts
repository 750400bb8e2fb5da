/** Runs inside the sandbox: carries out what the script says, one order at a time. Node alone; no module of ours is there. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Tool } from './script.ts';
import type { Order, Told } from './wire.ts';

const OUTPUT_MAX = 100_000;
const done = (output = '', is_error = false): Done => ({ told: 'done', output, is_error });

for await (const line of createInterface({ input: process.stdin })) tell(await obey(JSON.parse(line) as Order));

type Done = Extract<Told, { told: 'done' }>;

function tell(told: Told): void {
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

async function obey(order: Order): Promise<Done> {
  switch (order.order) {
    case 'say':
      for (const text of order.words) {
        tell({ told: 'word', text });
        if (order.word_ms > 0) await sleep(order.word_ms);
      }
      return done();
    case 'wait':
      await sleep(order.ms);
      return done();
    case 'wait_for':
      await appears(resolve(order.path));
      return done();
    case 'crash':
      process.exit(order.code);
    case 'tool':
      try {
        return await use(order.tool);
      } catch (error) {
        return done(error instanceof Error ? error.message : String(error), true);
      }
  }
}

async function use(tool: Tool): Promise<Done> {
  switch (tool.kind) {
    case 'shell.exec':
      return run(tool.script);
    case 'file.read':
      return done(readFileSync(tool.path, 'utf8').slice(0, OUTPUT_MAX));
    case 'file.write':
      mkdirSync(dirname(resolve(tool.path)), { recursive: true });
      writeFileSync(tool.path, tool.content);
      return done(`Wrote ${Buffer.byteLength(tool.content)} bytes to ${tool.path}.`);
    case 'net.request': {
      const answer = await fetch(`http://${tool.host}${tool.path}`);
      return done((await answer.text()).slice(0, OUTPUT_MAX), !answer.ok);
    }
    case 'tool.other':
      return done(`${tool.tool} does nothing here.`);
  }
}

function run(script: string): Promise<Done> {
  return new Promise((settle, reject) => {
    const child = spawn('/bin/sh', ['-c', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    const said: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const output = said.join('').slice(0, OUTPUT_MAX);
      settle(code === 0 ? done(output) : done(`${output}\n[${signal ?? `exit ${code}`}]`.trim(), true));
    });
  });
}

/** Looks whenever something changes beside it. */
async function appears(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  await new Promise<void>((settle) => {
    const look = () => {
      if (!existsSync(path)) return;
      watcher.close();
      settle();
    };
    const watcher = watch(dirname(path), look);
    look();
  });
}

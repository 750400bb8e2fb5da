/** Who may import whom: the table holds for src, and the rules made from it do catch each breach. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise, type ICruiseResult } from 'dependency-cruiser';
import { afterAll, describe, expect, it } from 'vitest';
import { config, LAYERS } from '../../scripts/layers.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const { options, forbidden } = config;

async function breaches(folder: string): Promise<{ readonly found: readonly string[]; readonly cruised: number }> {
  const { output } = await cruise(['src'], {
    ...options,
    baseDir: folder,
    ruleSet: { forbidden },
    validate: true,
  });
  const { summary } = output as ICruiseResult;
  const found = summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`);
  return { found: found.toSorted(), cruised: summary.totalCruised };
}

describe('the layers of src', () => {
  it('hold', { timeout: 60_000 }, async () => {
    const { found, cruised } = await breaches(ROOT);
    expect(cruised).toBeGreaterThan(100); // no module at all would be a green tick, too
    expect(found).toEqual([]);
  });
});

/** [the rule that must catch it, the file, what it says] */
const BREACHES: readonly (readonly [rule: string, file: string, text: string])[] = [
  ['domain-code', 'domain/a.ts', "import '../store/free.ts';"],
  ['domain-types', 'domain/b.ts', "import type { Free } from '../store/free.ts';"],
  ['domain-npm', 'domain/c.ts', "import 'fastify';"],
  ['domain-node', 'domain/d.ts', "import 'node:fs';"],
  ['workflows-code', 'workflows/a.ts', "import { free } from '../activities/free.ts'; export const a = free;"],
  ['workflows-types', 'workflows/b.ts', "import type { Free } from '../store/free.ts';"],
  ['workflows-npm', 'workflows/c.ts', "import 'zod';"],
  ['workflows-node', 'workflows/d.ts', "import 'node:crypto';"],
  ['activities-code', 'activities/a.ts', "import '../api/contract/free.ts';"],
  ['harnesses-code', 'harnesses/a.ts', "import '../activities/free.ts';"],
  ['sandbox-code', 'sandbox/a.ts', "import '../harnesses/free.ts';"],
  ['store-code', 'store/a.ts', "import '../sandbox/free.ts';"],
  ['api-code', 'api/contract/a.ts', "import '../../sandbox/free.ts';"],
  ['worker-code', 'worker/a.ts', "import '../supervisor/free.ts';"],
  ['audit-code', 'audit/a.ts', "import '../worker/free.ts';"],
  ['doctor-code', 'doctor/a.ts', "import '../worker/free.ts';"],
  ['upkeep-code', 'upkeep/a.ts', "import '../worker/free.ts';"],
  ['replay-code', 'replay/a.ts', "import '../store/free.ts';"],
  ['supervisor-code', 'supervisor/a.ts', "import '../store/free.ts';"],
  ['cli-code', 'cli/a.ts', "import '../store/free.ts';"],
  ['cli-entries', 'cli/b.ts', "import '../supervisor/free.ts';"],
  ['demo-code', 'demo/a.ts', "import '../worker/free.ts';"],
  ['no-circles', 'store/b.ts', "import { c } from './c.ts'; export const b = c;"],
  ['no-unknown', 'store/d.ts', "import './nothing.ts';"],
  ['no-tests-in-src', 'store/e.ts', "import '../../test/free.ts';"],
  ['who-spawns', 'activities/b.ts', "import 'node:child_process';"],
  ['who-writes-sql', 'api/contract/b.ts', "import 'node:sqlite';"],
];

/** What the table allows: none of it may be caught. */
const FINE: readonly (readonly [file: string, text: string])[] = [
  [
    'workflows/fine.ts',
    "import type { Free } from '../activities/free.ts'; import { free } from '../domain/free.ts'; import '@temporalio/workflow';",
  ],
  ['cli/fine.ts', "export const up = () => import('../supervisor/free.ts');"],
  ['sandbox/fine.ts', "import 'node:child_process'; import '../domain/free.ts';"],
  ['store/c.ts', "import { b } from './b.ts'; export const c = b; import 'node:sqlite';"],
];
const FREE = ['domain', 'store', 'activities', 'harnesses', 'sandbox', 'supervisor', 'worker', 'api/contract'];

describe('the rules', () => {
  const tree = mkdtempSync(join(tmpdir(), 'tack-layers-'));
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(tree, file)), { recursive: true });
    writeFileSync(join(tree, file), text);
  };
  afterAll(() => rmSync(tree, { recursive: true, force: true }));

  it('catch each breach, and nothing that is allowed', { timeout: 60_000 }, async () => {
    for (const folder of FREE) write(`src/${folder}/free.ts`, 'export const free = 1; export type Free = 1;');
    write('test/free.ts', 'export {};');
    for (const [, file, text] of BREACHES) write(`src/${file}`, text);
    for (const [file, text] of FINE) write(`src/${file}`, text);
    write('tsconfig.json', '{}');
    write(
      'package.json',
      '{ "name": "broken", "dependencies": { "fastify": "1", "zod": "1", "@temporalio/workflow": "1" } }',
    );
    symlinkSync(join(ROOT, 'node_modules'), join(tree, 'node_modules'));

    const { found } = await breaches(tree);
    const caught = found.map((line) => line.replace(/ -> .*/, ''));
    expect([...new Set(caught)].toSorted()).toEqual(BREACHES.map(([rule, file]) => `${rule}: src/${file}`).toSorted());
  });

  it('are tried for every folder of the table, and for every rule that is not made from it', () => {
    const tried = new Set(BREACHES.map(([rule]) => rule));
    const wanted = [
      ...Object.keys(LAYERS).map((layer) => `${layer}-code`),
      ...forbidden
        .map(({ name }) => name ?? '')
        .filter((name) => !Object.keys(LAYERS).some((layer) => name.startsWith(`${layer}-`))),
    ];
    expect(wanted.filter((name) => !tried.has(name))).toEqual([]);
  });
});

/** Who may import whom. The rules of dependency-cruiser and the table in docs/architecture.md are made from this one table. */

import type { IRegularForbiddenRuleType } from 'dependency-cruiser';

export interface Layer {
  readonly does: string;
  readonly code: readonly string[];
  readonly types?: readonly string[];
  readonly entries?: readonly string[];
  readonly npm: readonly string[];
  readonly node: boolean;
}

/**
 * `code` may be imported; `types` as types only; `entries` by `import()` only, so that a command that needs none of them starts fast.
 * A name with `.ts` is a file, another one a folder of src. `npm` are packages; `node` says whether Node's own modules are allowed.
 */
export const LAYERS: Readonly<Record<string, Layer>> = {
  domain: {
    does: 'nothing outside: pure; no Node built-in',
    code: [],
    npm: ['zod', 'yaml', 'canonicalize', 'unbash'],
    node: false,
  },
  workflows: {
    does: 'deterministic; runs the machines',
    code: ['domain'],
    types: ['activities'],
    npm: ['@temporalio/workflow', '@temporalio/common'],
    node: false,
  },
  activities: {
    does: 'effects by name: thin, idempotent, heart-beating',
    code: ['domain', 'harnesses', 'sandbox', 'store'],
    npm: ['@temporalio/activity', '@temporalio/common', '@temporalio/worker'],
    node: true,
  },
  harnesses: {
    does: 'one folder a harness: manifest and behaviour',
    code: ['domain', 'sandbox'],
    npm: ['zod', 'yaml', 'unbash'],
    node: true,
  },
  sandbox: {
    does: 'isolation, broker, worktrees (git)',
    code: ['domain', 'ask-socket.ts'],
    npm: ['zod', 'pino'],
    node: true,
  },
  store: {
    does: 'event log, blobs, leases, projections; the only SQL',
    code: ['domain'],
    npm: ['kysely', 'pg'],
    node: true,
  },
  api: {
    does: 'contract, routes, SSE, auth, git over HTTP, the engine’s client',
    code: ['domain', 'store', 'ask-socket.ts', 'workflows/session/messages.ts'],
    types: ['workflows/session/input.ts'],
    npm: [
      '@fastify/swagger',
      '@scalar/fastify-api-reference',
      '@temporalio/client',
      '@temporalio/common',
      'eventsource-parser',
      'fastify',
      'fastify-type-provider-zod',
      'pino',
      'zod',
    ],
    node: true,
  },
  worker: {
    does: 'the worker’s links: queues, broker, frames, judge, recovery',
    code: [
      'domain',
      'activities',
      'sandbox',
      'store',
      'api/engine',
      'workflows/session/messages.ts',
      'config.ts',
      'ask-socket.ts',
    ],
    npm: ['@temporalio/client', '@temporalio/common', '@temporalio/worker', 'pino'],
    node: true,
  },
  replay: {
    does: '`tack replay`: recorded histories against the workflow code of now',
    code: ['domain', 'api/engine', 'worker/bundle.ts'],
    npm: ['@temporalio/client', '@temporalio/common', '@temporalio/worker'],
    node: true,
  },
  audit: {
    does: '`tack audit`: the logs as evidence, read only',
    code: ['domain', 'store', 'api/engine'],
    npm: ['@temporalio/client'],
    node: true,
  },
  upkeep: {
    does: '`tack backup`, `restore`, `gc`: looks after a data folder as a whole',
    code: [
      'domain',
      'store',
      'sandbox',
      'config.ts',
      'supervisor/lock.ts',
      'supervisor/control.ts',
      'supervisor/sync-folder.ts',
    ],
    npm: ['zod'],
    node: true,
  },
  doctor: {
    does: '`tack doctor`: what works on this machine, and what mends the rest',
    code: ['domain', 'config.ts', 'sandbox', 'harnesses', 'supervisor'],
    npm: [],
    node: true,
  },
  supervisor: {
    does: '`tack up`: starts, watches, restarts the roles; finds the engine’s binary',
    code: ['domain', 'ask-socket.ts', 'config.ts', 'store/place.ts', 'store/open.ts'],
    npm: ['@temporalio/client', 'pino', 'zod'],
    node: true,
  },
  cli: {
    does: 'commands, rendering; a client of the API',
    code: ['domain', 'api/contract', 'config.ts'],
    entries: [
      'supervisor',
      'demo',
      'harnesses',
      'replay',
      'audit',
      'upkeep',
      'doctor',
      'worker.ts',
      'server.ts',
      'broker.ts',
      'catalog.ts',
    ],
    npm: ['commander', 'picocolors', 'zod'],
    node: true,
  },
  demo: {
    does: '`tack demo`, the scripted model server',
    code: ['domain', 'api/contract', 'config.ts'],
    npm: ['picocolors', 'yaml', 'zod'],
    node: true,
  },
};

/** Where processes may be started; the command line runs git in the person's repository, and the demo plays the person. */
export const MAY_SPAWN = ['sandbox', 'harnesses', 'supervisor', 'cli/git/run.ts', 'demo'];
/** Where SQL is written; the supervisor holds its lock by it. */
export const MAY_SQL = ['store', 'supervisor/lock.ts'];

type Breach = Pick<IRegularForbiddenRuleType, 'to'> & Partial<Pick<IRegularForbiddenRuleType, 'from'>>;

const forbid = (name: string, comment: string, { from = {}, to }: Breach): IRegularForbiddenRuleType => ({
  name,
  comment,
  severity: 'error',
  from,
  to,
});

const escaped = (text: string) => text.replaceAll('.', String.raw`\.`);
/** A folder of src with all in it, or one file. */
const at = (name: string) => `^src/${escaped(name)}${name.endsWith('.ts') ? '$' : '/'}`;
const packages = (names: readonly string[]) => names.map((name) => `node_modules/(@types/)?${escaped(name)}/`);

function rulesOf([layer, { code, types = [], entries = [], npm, node }]: readonly [string, Layer]) {
  const from = { path: at(layer) };
  const own = [layer, ...code].map(at);
  const loaded = entries.map(at);
  const may = `src/${layer} may import: ${importsOf({ code, types, entries })}.`;
  const rules = [
    forbid(`${layer}-code`, may, {
      from,
      to: { path: '^src/', pathNot: [...own, ...loaded], preCompilationOnly: false },
    }),
    forbid(`${layer}-types`, may, {
      from,
      to: { path: '^src/', pathNot: [...own, ...loaded, ...types.map(at)], preCompilationOnly: true },
    }),
    forbid(`${layer}-npm`, `src/${layer} may use: ${npm.join(', ')}.`, {
      from,
      to: { path: 'node_modules/', pathNot: packages(npm) },
    }),
  ];
  if (entries.length > 0)
    rules.push(
      forbid(`${layer}-entries`, may, { from, to: { path: loaded, dynamic: false, preCompilationOnly: false } }),
    );
  if (!node)
    rules.push(
      forbid(`${layer}-node`, `src/${layer} uses no module of Node.`, { from, to: { dependencyTypes: ['core'] } }),
    );
  return rules;
}

/** In words, as the page shows them. */
export const importsOf = ({ code, types = [], entries = [] }: Pick<Layer, 'code' | 'types' | 'entries'>): string =>
  [...code, ...types.map((name) => `${name} (types)`), ...entries.map((name) => `${name} (by \`import()\`)`)].join(
    ', ',
  ) || '–';

const src = { path: '^src/' };
const outside = (names: readonly string[]) => ({ ...src, pathNot: names.map(at) });

export const config = {
  forbidden: [
    ...Object.entries(LAYERS).flatMap(rulesOf),
    forbid('no-circles', 'Cut the circle: move what both need below them.', {
      to: { circular: true },
    }),
    forbid('no-unknown', 'Not found: a typing mistake, or a package that is not installed.', {
      to: { couldNotResolve: true },
    }),
    forbid('no-tests-in-src', 'What tests share with src belongs into src.', {
      from: src,
      to: { path: '^(test|scripts)/' },
    }),
    forbid('who-spawns', `Processes are started in ${MAY_SPAWN.join(', ')} only.`, {
      from: outside(MAY_SPAWN),
      to: { path: ['^(node:)?child_process$', 'node_modules/execa/'] },
    }),
    forbid('who-writes-sql', `SQL is written in ${MAY_SQL.join(', ')} only.`, {
      from: outside(MAY_SQL),
      to: { path: ['^(node:)?sqlite$', 'node_modules/kysely/', 'node_modules/(@types/)?pg/'] },
    }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: 'specify' as const,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};

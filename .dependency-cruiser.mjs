/** Who may import whom: DESIGN of the folders, see docs/architecture.md. */
const only = (from, ...to) => ({
  name: `${from}-imports`,
  severity: 'error',
  from: { path: `^src/${from}/` },
  to: { path: '^src/', pathNot: [`^src/${from}/`, ...to.map((name) => `^src/${name}`)] },
});

export default {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'domain-is-pure', severity: 'error', from: { path: '^src/domain/' }, to: { dependencyTypes: ['core'] } },
    only('domain'),
    { ...only('workflows', 'domain/', 'activities/contract.ts'), name: 'workflows-imports' },
    only('activities', 'domain/', 'harnesses/', 'sandbox/', 'store/'),
    only('harnesses', 'domain/', 'sandbox/'),
    only('sandbox', 'domain/'),
    only('store', 'domain/'),
    only('api', 'domain/', 'store/', 'workflows/session/(messages|input).ts'),
    only('supervisor', 'domain/', 'config.ts'),
    only('demo', 'domain/', 'api/contract/'),
    only('worker', 'domain/', 'activities/', 'sandbox/', 'api/engine/', 'workflows/session/messages.ts'),
    only('cli', 'domain/', 'api/contract/', 'config.ts', 'supervisor/', 'demo/', '(worker|server|broker|catalog).ts'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    exclude: { path: '^test/' },
  },
};

/** What each harness can do, and which choke point sees what, from the manifests. */
import { ACTION_KINDS } from '../../src/domain/action/schema.ts';
import { createHarnesses } from '../../src/harnesses/index.ts';
import { code, table } from './markdown.ts';

const manifests = createHarnesses({ binary: null, path: '' }).all.map(({ manifest }) => manifest);

export function harnessTable(): string {
  const can = (yes: boolean) => (yes ? 'yes' : '');
  return table(
    ['Harness', 'Name', 'Proven with', 'Model', 'Takes messages in a turn', 'Resumes', 'Hears why'],
    manifests.map((manifest) => [
      code(manifest.id),
      manifest.title,
      manifest.proven_version ?? 'built in',
      manifest.default_model === null ? 'none' : code(manifest.default_model),
      can(manifest.steer),
      can(manifest.resume),
      can(manifest.deny_reason),
    ]),
  );
}

export function chokePointTable(): string {
  return table(
    ['Kind of action', ...manifests.map(({ id }) => code(id))],
    ACTION_KINDS.map((kind) => [code(kind), ...manifests.map(({ sees }) => sees[kind].join(', ') || '–')]),
  );
}

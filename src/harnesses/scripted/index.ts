/** A harness without a model: plays a script of steps whose calls are judged and whose effects are real. The demo, and the load test. */
import { createHash } from 'node:crypto';
import { dirname, basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ActionKind, ChokePoint } from '../../domain/action/schema.ts';
import { ACTION_KINDS } from '../../domain/action/schema.ts';
import { TackError } from '../../domain/errors.ts';
import { INSIDE } from '../../sandbox/contract.ts';
import type { Harness, HarnessManifest } from '../contract.ts';
import { lookInto } from '../look.ts';
import { linkPlayer } from './player-link.ts';
import { stepsOf } from './script.ts';
import { openSession } from './session.ts';

const PLAYED: readonly ActionKind[] = [
  'shell.exec',
  'file.read',
  'file.write',
  'net.request',
  'question.ask',
  'tool.other',
];

export const MANIFEST: HarnessManifest = {
  id: 'scripted',
  title: 'Scripted',
  vendor: 'tackroom',
  default_model: null,
  proven_version: null,
  steer: true,
  resume: true,
  deny_reason: true,
  credential_ref: null,
  sees: Object.fromEntries(
    ACTION_KINDS.map((kind): [ActionKind, readonly ChokePoint[]] => [kind, PLAYED.includes(kind) ? ['gate'] : []]),
  ) as HarnessManifest['sees'],
};

const PLAYER = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './player.ts' : './player.js', import.meta.url));
const FOLDER = '/opt/tackroom/player';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export function createScripted(): Harness {
  return {
    manifest: MANIFEST,
    probe: async () => ({ found: true, version: 'built in', path: PLAYER }),
    async start({
      session_id,
      sandbox,
      folders,
      base_objects,
      endpoint_dir,
      script,
      resume,
      archive,
      saveResume,
      limits,
      onLimit,
    }) {
      if (script === null) throw new TackError('spec_invalid', 'An agent of the harness scripted needs a `script`.');
      stepsOf(script, 0); // a mistake is said before anything starts
      const placed = {
        folders,
        ...(endpoint_dir !== null && { endpoint_dir }),
        ...(base_objects !== null && { base_objects }),
      };
      await saveResume({});
      const process = await sandbox.launch({
        session_id,
        ...placed,
        argv: [INSIDE.node, '--disable-warning=ExperimentalWarning', join(FOLDER, basename(PLAYER))],
        env: { TACK_SESSION_ID: session_id },
        read_only: [{ host: dirname(PLAYER), inside: FOLDER }],
        limits,
        onLimit,
      });
      return openSession({
        process,
        player: linkPlayer(process),
        script,
        surroundings: { cwd: sandbox.paths(placed).work, look: lookInto(folders, sandbox.paths(placed)), sha256 },
        transcript: resume?.transcript ?? new Uint8Array(),
        archive,
      });
    },
  };
}

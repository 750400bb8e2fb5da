/** Claude Code: the real binary, driven over its stream-json and control protocol. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { TackError } from '../../domain/errors.ts';
import type { ActionKind, ChokePoint } from '../../domain/action/schema.ts';
import type { ReadOnlyBind } from '../../sandbox/contract.ts';
import { findBinary } from '../find.ts';
import { lookInto } from '../look.ts';
import type { Harness, HarnessManifest, StartRequest } from '../contract.ts';
import { environmentFor } from './auth.ts';
import { commandLine } from './command.ts';
import { layHome, transcriptPath } from './home.ts';
import { openSession } from './session.ts';
import { toAction } from './to-action.ts';
import { followTranscript } from './transcript.ts';
import { createVoice, Resume } from './voice.ts';

const gate: readonly ChokePoint[] = ['gate'];
const none: readonly ChokePoint[] = [];

export const MANIFEST: HarnessManifest = {
  id: 'claude-code',
  title: 'Claude Code',
  vendor: 'anthropic',
  default_model: 'sonnet', // an alias: a model with its number in the name retires
  proven_version: '2.1.330',
  steer: true,
  resume: true,
  deny_reason: true,
  credential_ref: 'anthropic',
  sees: {
    'file.read': gate,
    'file.search': gate,
    'file.write': gate,
    'shell.exec': gate,
    'agent.spawn': gate,
    'plan.update': gate,
    'skill.load': gate,
    'question.ask': gate,
    'plan.propose': gate,
    'net.request': ['gate', 'broker'],
    'net.search': gate,
    'model.request': ['broker'],
    'mcp.call': gate,
    'git.fetch': none,
    'git.push': none,
    'package.install': none,
    'package.publish': none,
    'forge.call': none,
    'tool.other': gate,
  } satisfies Record<ActionKind, readonly ChokePoint[]>,
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export interface ClaudeOptions {
  /** TACK_CLAUDE_BIN; else `claude` on the PATH. */
  readonly binary: string | null;
  readonly path: string;
}

export function createClaudeCode({ binary, path }: ClaudeOptions): Harness {
  const probe = () =>
    findBinary({ override: binary, name: 'claude', path, variable: 'TACK_CLAUDE_BIN', version: /^(\d+\.\d+\.\d+)/ });
  return {
    manifest: MANIFEST,
    probe,
    async start(request) {
      const found = await probe();
      if (!found.found) throw new TackError('harness_unavailable', found.problem);
      return startWith(realpathSync(found.path), request);
    },
  };
}

async function startWith(binary: string, request: StartRequest) {
  const { sandbox, folders, endpoint_dir, base_objects, archive, saveResume, limits, session_id, model, instructions } =
    request;
  const placed = {
    folders,
    ...(endpoint_dir !== null && { endpoint_dir }),
    ...(base_objects !== null && { base_objects }),
  };
  const seen = sandbox.paths(placed);
  const known = Resume.safeParse(request.resume?.state);
  const archived = known.success ? (request.resume?.transcript ?? new Uint8Array()) : new Uint8Array();
  const resume = known.data ?? { native_session_id: crypto.randomUUID() as string, steers: [] };
  const path = transcriptPath(seen.work, resume.native_session_id);
  layHome(folders.home, { path, transcript: archived, uid: sandbox.uid });
  const transcript = followTranscript({ file: join(folders.home, path), uid: sandbox.uid, archived, archive });
  const voice = createVoice({ resume, isHeard: transcript.isHeard, save: saveResume, sha256 });
  await saveResume(voice.state());
  const bind = bindOf(binary);
  const process = await sandbox.launch({
    session_id,
    ...placed,
    argv: commandLine({
      binary: join(INSIDE_FOLDER, basename(binary)),
      model: model ?? MANIFEST.default_model ?? '',
      native_session_id: resume.native_session_id,
      resumes: archived.length > 0,
    }),
    env: { ...environmentFor(seen, endpoint_dir !== null), TACK_SESSION_ID: session_id },
    read_only: [bind],
    limits,
    onLimit: request.onLimit,
  });
  const look = lookInto(folders, seen);
  return openSession({
    process,
    transcript,
    voice,
    work: seen.work,
    instructions,
    proven_version: MANIFEST.proven_version ?? '',
    toAction: (call) => toAction(call, { home: seen.home, work: seen.work, look, sha256 }),
  });
}

const INSIDE_FOLDER = '/opt/harness';

/** A program of its own needs nothing beside it; a script finds its parts there. */
function bindOf(binary: string): ReadOnlyBind {
  const head = Buffer.alloc(4);
  const fd = openSync(binary, 'r');
  readSync(fd, head);
  closeSync(fd);
  const isNative = head.equals(Buffer.from('\x7fELF'));
  return isNative
    ? { host: binary, inside: join(INSIDE_FOLDER, basename(binary)) }
    : { host: dirname(binary), inside: INSIDE_FOLDER };
}

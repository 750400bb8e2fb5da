/** Claude Code: the real binary, driven over its stream-json and control protocol. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { TackError } from '../../domain/errors.ts';
import type { ActionKind, ChokePoint } from '../../domain/action/schema.ts';
import { findBinary } from '../find.ts';
import { lookInto } from '../look.ts';
import type { Harness, HarnessManifest, StartRequest } from '../contract.ts';
import { environmentFor } from './auth.ts';
import { commandLine } from './command.ts';
import { openSession } from './session.ts';
import { toAction } from './to-action.ts';
import { followTranscript, layHome, transcriptPath } from './transcript.ts';

const gate: readonly ChokePoint[] = ['gate'];
const none: readonly ChokePoint[] = [];

export const MANIFEST: HarnessManifest = {
  id: 'claude-code',
  title: 'Claude Code',
  vendor: 'anthropic',
  default_model: 'claude-sonnet-4-5',
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

const Resume = z.object({ native_session_id: z.uuid() });
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
  const {
    sandbox,
    folders,
    endpoint_dir,
    base_objects,
    resume,
    archive,
    saveResume,
    limits,
    session_id,
    model,
    instructions,
  } = request;
  const placed = {
    folders,
    ...(endpoint_dir !== null && { endpoint_dir }),
    ...(base_objects !== null && { base_objects }),
  };
  const seen = sandbox.paths(placed);
  const known = Resume.safeParse(resume?.state);
  const archived = known.success ? (resume?.transcript ?? new Uint8Array()) : new Uint8Array();
  const resume_state = { native_session_id: known.success ? known.data.native_session_id : crypto.randomUUID() };
  const { native_session_id } = resume_state;
  const path = transcriptPath(seen.work, native_session_id);
  layHome(folders.home, { path, transcript: archived, uid: sandbox.uid });
  await saveResume(resume_state);
  const inside = '/opt/harness';
  const process = await sandbox.launch({
    session_id,
    ...placed,
    argv: commandLine({
      binary: join(inside, basename(binary)),
      model: model ?? MANIFEST.default_model ?? '',
      native_session_id,
      resumes: archived.length > 0,
      instructions,
    }),
    env: { ...environmentFor(seen, endpoint_dir !== null), TACK_SESSION_ID: session_id },
    read_only: [{ host: dirname(binary), inside }],
    limits,
  });
  const transcript = followTranscript({ file: join(folders.home, path), uid: sandbox.uid, archived, archive });
  const look = lookInto(folders, seen);
  return openSession({
    process,
    transcript,
    resume_state,
    toAction: (call) => toAction(call, { cwd: seen.work, look, sha256 }),
  });
}

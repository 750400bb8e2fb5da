/** Worktree, endpoint and archive, side by side; then the harness in its sandbox. */
import { SYSTEM_ACTOR } from '../../domain/system-actor.ts';
import type { Lease } from '../../domain/ports/leases.ts';
import type { AgentConfig } from '../../domain/spec/agent.ts';
import type { TurnInput } from '../../domain/turn.ts';
import type { HarnessSession, ResumeState, StartRequest } from '../../harnesses/contract.ts';
import type { ActivityPorts, Append, Worktree } from '../ports.ts';
import type { Brief } from './brief.ts';

export interface StartParts {
  readonly input: TurnInput;
  readonly lease: Lease;
  readonly brief: Brief;
  readonly append: Append;
}

export interface StartedHarness {
  readonly session: HarnessSession;
  /** Closes the way out and saves the work. The harness has ended. */
  readonly finish: () => Promise<void>;
}

export async function startHarness(
  ports: ActivityPorts,
  { input, lease, brief, append }: StartParts,
): Promise<StartedHarness> {
  const { session_id, turn_id } = input;
  const { epoch } = lease;
  const { agent, record } = brief;
  const harness = ports.harness(agent.harness);
  const sandbox = ports.sandbox(agent.sandbox);
  const { credential_ref } = harness.manifest;
  const [worktree, endpoint, transcript, state] = await Promise.all([
    ports.worktrees.prepare(record, sandbox),
    credential_ref === null ? null : ports.endpoints.open(session_id, { epoch, turn_id, credential_ref }),
    ports.archive.transcript(session_id),
    ports.archive.resume(session_id),
  ]);
  const session = await harness.start({
    session_id,
    sandbox,
    folders: worktree.folders,
    endpoint_dir: endpoint?.dir ?? null,
    base_objects: worktree.base_objects,
    model: agent.model ?? harness.manifest.default_model,
    instructions: agent.instructions ?? null,
    script: agent.script ?? null,
    resume: state ? { state: state as ResumeState, transcript } : null,
    archive: (offset, bytes) => ports.archive.appendTranscript(session_id, epoch, offset, bytes),
    saveResume: (resume) => ports.archive.saveResume(session_id, epoch, resume),
    limits: limitsOf(agent),
    onLimit: limitTeller({ turn_id, epoch, append }),
  });
  return {
    session,
    async finish() {
      if (endpoint) await ports.endpoints.close(session_id);
      await saveWork(worktree, { turn_id, epoch, append });
    },
  };
}

interface Saving {
  readonly turn_id: string;
  readonly epoch: number;
  readonly append: Append;
}

async function saveWork(worktree: Worktree, { turn_id, epoch, append }: Saving): Promise<void> {
  const saved = await worktree.checkpoint(`Turn ${turn_id}`);
  if (!saved) return;
  const by = { turn_id, actor: SYSTEM_ACTOR, via: null } as const;
  const { commit, ref, warnings } = saved;
  await append(`checkpoint/${turn_id}/${epoch}`, [
    { type: 'checkpoint.created', ...by, data: { commit, ref } },
    ...warnings.map((text) => ({ type: 'harness.warned' as const, ...by, data: { code: 'checkpoint', text } })),
  ]);
}

/** Says in the log which limit was met. Whoever lost the right to write has ended with it. */
function limitTeller({ turn_id, epoch, append }: Saving): StartRequest['onLimit'] {
  let said = 0;
  return ({ limit, text }) => {
    const by = { turn_id, actor: SYSTEM_ACTOR, via: null } as const;
    const event = { type: 'harness.warned' as const, ...by, data: { code: `limit_${limit}`, text } };
    void append(`limit/${turn_id}/${epoch}/${said++}`, [event]).catch(() => {}); // the turn is told by `append` itself
  };
}

function limitsOf({ limits = {} }: AgentConfig): Readonly<Record<string, number>> {
  const { cpu_seconds, ...others } = limits;
  return Object.fromEntries(
    Object.entries({ ...others, cpu_s: cpu_seconds }).filter(
      (entry): entry is [string, number] => entry[1] !== undefined,
    ),
  );
}

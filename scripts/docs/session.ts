/** The table of commands, as the machine itself answers: each command is said to a session in each phase. */
import * as say from '../../test/unit/domain/session/a-session.ts';
import { outcome, PHASES, phaseOf, tell, type Phase } from '../../test/unit/domain/session/a-session.ts';
import { isRefusal } from '../../src/domain/errors.ts';
import { decide } from '../../src/domain/session/decide.ts';
import type { Command } from '../../src/domain/session/command.ts';
import { code, table } from './markdown.ts';

const COMMANDS: readonly (readonly [name: string, said: Command])[] = [
  ['prompt', say.prompt(2)],
  ['steer', say.steer(2)],
  ['request_approval', say.ask(2)],
  ['decide_approval', say.answer(1)],
  ['ask_again', say.askAgain(1, 9)],
  ['revoke_grant', say.revokeGrant()],
  ['interrupt', say.interrupt],
  ['close', say.close],
  ['set_policy', say.setPolicy],
  ['set_agent', say.setAgent],
  ['attempt ends `completed`', say.COMPLETED],
  ['attempt ends `failed`', say.ended({ kind: 'failed', code: 'internal', message: 'x' })],
  ['attempt ends `suspended`', say.suspendedOn('apr_1')],
  ['attempt ends `moved`', say.ended({ kind: 'moved' })],
  ['host lost', say.ended({ kind: 'lost', host: 'host-1' })],
  ['a deadline passes (`pause`)', say.tick(3600)],
];
const COLUMNS = Object.keys(PHASES) as readonly Phase[];

export function commandTable(): string {
  const rows = COMMANDS.map(([name, said]) => [
    name.includes(' ') ? name : code(name),
    ...COLUMNS.map((phase) => cell(phase, said)),
  ]);
  return table(['Command', ...COLUMNS], rows);
}

/** A refusal by its code; else the phase after it, and the events that bring it there. */
function cell(phase: Phase, said: Command): string {
  const before = PHASES[phase]();
  const answer = outcome(before, said);
  if (typeof answer === 'string') return code(answer);
  if (answer.length === 0) return '–';
  const after = phaseOf(isRefusal(decide(before.state, said)) ? before : tell(before, said));
  const events = answer.map((type) => code(type)).join(', ');
  return after === phase ? events : `**→ ${after}**: ${events}`;
}

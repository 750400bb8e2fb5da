/** What the demo says last: where everything can be found, and what to try next. */
import type { Found } from './story.ts';

export interface Ways {
  /** How `tack` is typed here. */
  readonly tack: string;
  readonly temporal: string;
  readonly keep: boolean;
}

export function nextSteps({ tack, temporal, keep }: Ways, found: Found): readonly string[] {
  const { home, session_id, approval_id, killed_pid, went_on_after_ms, events, engine } = found;
  return [
    '',
    `session    ${session_id}   ${events} events`,
    `approval   ${approval_id}`,
    `killed     worker ${killed_pid}; went on after ${(went_on_after_ms / 1000).toFixed(1)} s`,
    `data       ${home}   (until the next demo)`,
    '',
    keep ? 'It runs on. Look around:' : 'Look around:',
    `  export TACK_HOME=${home}`,
    ...(keep ? [] : [`  ${tack} up`]),
    `  ${tack} logs ${session_id} --json`,
    ...(keep ? [] : [`  ${tack} status      # the address of the engine`]),
    `  ${temporal} workflow show -n tackroom -w session/${session_id} --address ${keep ? engine : '127.0.0.1:…'}`,
    `  ${tack} down; unset TACK_HOME`,
    '',
    'Then, with Claude Code and a key, in a repository of yours:',
    '  export ANTHROPIC_API_KEY=…',
    `  ${tack} run "fix the failing test"`,
  ];
}

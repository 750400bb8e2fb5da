/** What the demo says last: where everything can be found, and what to try next. */
import type { DemoOptions, Found } from './scene.ts';

type Ways = Pick<DemoOptions, 'tack' | 'temporal' | 'keep'>;

export function nextSteps({ tack, temporal, keep }: Ways, found: Found): readonly string[] {
  const { home, session_id, approval_id, killed_pid, went_on_after_ms, events, engine } = found;
  const [here, anywhere] = [word(tack.here), word(tack.anywhere)];
  return [
    '',
    `session    ${session_id}   ${events} events`,
    `approval   ${approval_id}`,
    `killed     worker ${killed_pid}; went on after ${(went_on_after_ms / 1000).toFixed(1)} s`,
    `data       ${home}   (until the next demo)`,
    '',
    keep ? 'It runs on. Look around:' : 'Look around:',
    `  export TACK_HOME=${word(home)} TACK_TEMPORAL_BIN=${word(temporal)}`,
    ...(keep ? [] : [`  ${here} up`]),
    `  ${here} logs ${session_id} --json`,
    ...(keep ? [] : [`  ${here} status      # the address of the engine`]),
    `  "$TACK_TEMPORAL_BIN" workflow show -n tackroom -w session/${session_id} --address ${keep ? engine : '127.0.0.1:…'}`,
    `  ${here} down; unset TACK_HOME TACK_TEMPORAL_BIN`,
    '',
    'Then, with Claude Code and a key, in a repository of yours:',
    '  export ANTHROPIC_API_KEY=…',
    `  ${anywhere} run "fix the failing test"`,
  ];
}

/** As a shell takes it for one word. */
const word = (text: string): string => (/^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

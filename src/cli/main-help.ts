/** `tack --help` and `tack help exit-codes`: what is known without loading a command. */
import { EXIT } from '../domain/errors/kind.ts';
import { COMMANDS } from './commands.ts';

const GROUPS = ['Sessions', 'Approvals', 'Work', 'Roles', 'More'] as const;

export function mainHelp(): string {
  const groups = GROUPS.map((group) => {
    const rows = COMMANDS.filter((row) => row.group === group).map(
      ({ name, summary }) => `  ${name.padEnd(11)}${summary}`,
    );
    return `${group}\n${rows.join('\n')}`;
  });
  return [
    'Tackroom: durable, governed sessions of coding agents.',
    '',
    'Usage: tack <command> [options]      `tackroom` is the same command',
    '',
    groups.join('\n\n'),
    '',
    'Everywhere: --json  --no-input  --color auto|always|never  -C <folder>  -h, --help  --version',
    'Exit codes: tack help exit-codes',
    '',
    'Examples',
    '  tack run "fix the failing test"',
    '  tack approve apr_01…',
    '  tack logs latest --json | jq .type',
    '',
  ].join('\n');
}

const MEANINGS: Readonly<Record<keyof typeof EXIT, string>> = {
  ok: 'done',
  failed: 'failed',
  usage: 'the command has mistakes',
  needs_person: 'needs a person, and --no-input (or no terminal): the approval is on stdout',
  auth: 'a token or credential is missing or wrong',
  budget: 'a budget was reached',
  denied: 'denied by a policy or a person',
  changes_asked: 'finished; the review asked for changes',
  unreachable: 'the server does not answer',
  timeout: '--timeout passed; the session still runs',
  interrupted: 'Ctrl-C; the session still runs',
};

export function exitCodesHelp(): string {
  return Object.entries(EXIT)
    .map(([name, code]) => `${String(code).padStart(4)}  ${MEANINGS[name as keyof typeof EXIT]}`)
    .join('\n');
}

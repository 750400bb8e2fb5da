/** Programs that run the command in their arguments. An option in no list may take the next word or not: both are tried. */
export interface Runner {
  /** Letters of options that take a value. */
  readonly values?: string;
  /** Letters of options that take none. */
  readonly flags?: string;
  /** How many words stand before the command: a time, a host. */
  readonly before?: number;
  /** The option whose value is a script. */
  readonly script?: RegExp;
  /** Reads further words for the command from its input. */
  readonly appends?: true;
}

const asUser: Runner = { before: 1, flags: 'lmp', script: /^(-[a-zA-Z]*c|--command|--session-command)$/ };
const completion: Runner = { script: /^-C$/ };
const plain: Runner = {};

export const RUNNERS: ReadonlyMap<string, Runner> = new Map(
  Object.entries({
    builtin: plain,
    busybox: plain,
    chroot: { before: 1 },
    chrt: { before: 1 },
    command: { flags: 'p' },
    compgen: completion,
    complete: completion,
    doas: { values: 'aCu', flags: 'Lns' },
    env: { values: 'uC', flags: 'iv0', script: /^(-[a-zA-Z0-9]*S|--split-string)$/ },
    exec: { values: 'a', flags: 'cl' },
    faketime: { before: 1 },
    fakeroot: plain,
    flock: { before: 1, values: 'wE', flags: 'ensuoxF', script: /^(-[a-zA-Z]*c|--command)$/ },
    gosu: { before: 1 },
    ionice: { values: 'cn', flags: 't' },
    ltrace: plain,
    mapfile: completion,
    nice: { values: 'n' },
    nohup: plain,
    nsenter: plain,
    prlimit: plain,
    readarray: completion,
    runuser: asUser,
    script: { before: 1, script: /^(-[a-zA-Z]*c|--command)$/ },
    setarch: { before: 1 },
    setpriv: plain,
    setsid: { flags: 'cfw' },
    ssh: { before: 1, values: 'bcDEeFIiJLlmOopQRSWw', flags: 'AaCfGgKkMNnqsTtVvXxYy46' },
    stdbuf: { values: 'ioe' },
    strace: { values: 'aeoOpsSuEI', flags: 'cCdfFhiqrtTvVxyk' },
    su: asUser,
    'su-exec': { before: 1 },
    sudo: { values: 'CDghpRrTtUu', flags: 'ABbEeHiKklNnPSsVv' },
    'systemd-run': plain,
    taskset: { before: 1, flags: 'ac' },
    time: { values: 'of', flags: 'apvV' },
    timeout: { before: 1, values: 'ks', flags: 'fpv' },
    toybox: plain,
    unbuffer: plain,
    unshare: plain,
    watch: { values: 'nqi', flags: 'bcCdegprtwx' },
    xargs: { values: 'adEILnPs', flags: '0optrx', appends: true },
    'xvfb-run': plain,
  } satisfies Record<string, Runner>),
);
/** Those that hand their words to a shell. */
export const BY_SHELL: ReadonlySet<string> = new Set(['ssh', 'watch']);

/** Shells whose grammar is read here, and those whose is not. */
export const SHELLS: ReadonlySet<string> = new Set([
  'sh',
  'bash',
  'rbash',
  'dash',
  'ash',
  'ksh',
  'mksh',
  'zsh',
  'yash',
]);
export const OTHER_SHELLS: ReadonlySet<string> = new Set(['fish', 'csh', 'tcsh', 'pwsh', 'nu', 'elvish', 'xonsh']);

/** What gives words another meaning, or reads commands from a file or its input. */
export const READS_ELSEWHERE: ReadonlySet<string> = new Set(['source', '.', 'alias', 'enable', 'fc', 'parallel']);

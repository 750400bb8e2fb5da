/** P3 to P8: what the kernel does for whoever may ask. Perl asks: it is on every machine that has git. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ABSENT, DENIED, JUDGED, numberOf } from '../../../src/sandbox/isolation/seccomp/syscalls.ts';
import { lastLine, type Attempt, type Outcome } from '../attempt.ts';

const ARCHITECTURE = process.arch === 'arm64' ? 'arm64' : 'x64';
type Numbers = Parameters<typeof numberOf>[0];
const n = (numbers: Numbers): number => numberOf(numbers, ARCHITECTURE);
const PIDFD_OPEN = 434;

const [EPERM, ENOSYS, EACCES] = [1, 38, 13];
/** What the kernel says of things that it was built without, or that its owner switched off. */
const ABSENT_HERE = new Map([
  [ENOSYS, 'the kernel has no such call'],
  [22, 'the kernel was built without it'],
  [93, 'the kernel was built without it'],
  [94, 'the kernel was built without it'],
  [97, 'the kernel was built without it'],
]);

/** Runs a probe that ends with `told(…)`: what the call gave. */
const PROBE = `use strict; use Socket; use POSIX (); $| = 1;
sub told { my $r = shift; print $r == -1 ? "errno " . (0 + $!) . "\\n" : "done $r\\n"; POSIX::_exit(0) }
`;

interface Call extends Pick<Attempt, 'id' | 'attempt' | 'expected' | 'needs_root'> {
  readonly probe: string;
  /** Machines switch it off for ordinary users. */
  readonly often_closed?: true;
}

const aCall = ({ probe, often_closed, ...row }: Call): Attempt => ({
  ...row,
  async run({ sh, kind }): Promise<Outcome> {
    const { out, err } = await sh('perl -e "$PROBE"', { env: { PROBE: PROBE + probe } });
    const said = lastLine(out);
    const errno = Number(/^errno (\d+)/.exec(said)?.[1] ?? -1);
    const closed =
      often_closed && [EPERM, EACCES].includes(errno) ? 'closed to ordinary users by the machine’s owner' : undefined;
    const lacks = kind === 'bare' ? (ABSENT_HERE.get(errno) ?? closed) : undefined;
    if (!said.startsWith('done') && errno < 0)
      return { through: false, saw: `the probe failed: ${lastLine(err)}`, lacks: 'the probe failed' };
    return {
      through: said.startsWith('done'),
      saw: said.replace('errno 1', 'EPERM').replace(/EPERM(\d)/, 'errno 1$1'),
      ...(lacks && { lacks }),
    };
  },
});

/** A child of the same session, and a look at its memory. */
const CHILD = `my $s = "canary-of-memory"; my $pid = fork; if (!$pid) { sleep 20; POSIX::_exit(0) }
END { kill 9, $pid if $pid } select(undef, undef, undef, 0.05);
`;
const told = (numbers: Numbers | number, ...args: readonly (string | number)[]): string =>
  `my $r = syscall(${[typeof numbers === 'number' ? numbers : n(numbers), ...args].join(', ')}); told($r);`;
const toldOfChild = (numbers: Numbers, ...args: readonly (string | number)[]): string =>
  `my $r = syscall(${[n(numbers), ...args].join(', ')}); my $e = $!; kill 9, $pid; $! = $e; told($r);`;
const [NEWUSER, NEWNS, SIGCHLD] = [0x1000_0000, 0x0002_0000, 17];
const inChild = 'if ($r == 0) { POSIX::_exit(0) }';

const CALLS: readonly Call[] = [
  {
    id: 'P3',
    attempt: 'ptrace another process of the session',
    expected: 'EPERM',
    probe: `${CHILD}${toldOfChild(DENIED.ptrace, 16, '$pid', 0, 0)}`,
  },
  {
    id: 'P3',
    attempt: 'process_vm_readv on another process of the session',
    expected: 'EPERM',
    probe: `${CHILD}my $b = "x" x 16; my ($l, $m) = (pack("pQ", $b, 16), pack("pQ", $s, 16));
      ${toldOfChild(DENIED.process_vm_readv, '$pid', '$l', 1, '$m', 1, 0)}`,
  },
  {
    id: 'P3',
    attempt: 'pidfd_getfd from another process of the session',
    expected: 'EPERM',
    probe: `${CHILD}my $p = syscall(${PIDFD_OPEN}, $pid, 0); ${toldOfChild(DENIED.pidfd_getfd, '$p', 1, 0)}`,
  },
  {
    id: 'P4',
    attempt: 'unshare: a user namespace of its own',
    expected: 'EPERM',
    probe: told(DENIED.unshare, NEWUSER),
    often_closed: true,
  },
  {
    id: 'P4',
    attempt: 'clone: a user namespace of its own',
    expected: 'EPERM',
    probe: `my $r = syscall(${n(JUDGED.clone)}, ${NEWUSER | SIGCHLD}, 0, 0, 0, 0); ${inChild} told($r);`,
    often_closed: true,
  },
  {
    id: 'P4',
    attempt: 'clone3: a user namespace of its own',
    expected: 'no such call',
    probe: `my $a = pack("Q8", ${NEWUSER}, 0, 0, 0, ${SIGCHLD}, 0, 0, 0); my $r = syscall(${n(ABSENT.clone3)}, $a, 64); ${inChild} told($r);`,
    often_closed: true,
  },
  {
    id: 'P4',
    attempt: 'unshare: a mount namespace of its own',
    expected: 'EPERM',
    needs_root: true,
    probe: told(DENIED.unshare, NEWNS),
  },
  {
    id: 'P4',
    attempt: 'mount a file system',
    expected: 'EPERM',
    needs_root: true,
    // in a mount namespace that ends with the probe
    probe: `my ($none, $root, $tmp, $fs) = ("none", "/", "/tmp", "tmpfs"); syscall(${n(DENIED.unshare)}, ${NEWNS});
      syscall(${n(DENIED.mount)}, $none, $root, 0, ${(1 << 18) | (1 << 14)}, 0); ${told(DENIED.mount, '$fs', '$tmp', '$fs', 0, 0)}`,
  },
  {
    id: 'P5',
    attempt: 'bpf: make a map',
    expected: 'EPERM',
    probe: `my $a = pack("L4", 2, 4, 4, 1) . "\\0" x 112; ${told(DENIED.bpf, 0, '$a', 72)}`,
    often_closed: true,
  },
  {
    id: 'P5',
    attempt: 'perf_event_open on itself',
    expected: 'EPERM',
    probe: `my $a = pack("L2Q5", 1, 112, 0, 0, 0, 0, 0x60) . "\\0" x 72; ${told(DENIED.perf_event_open, '$a', 0, -1, -1, 0)}`,
    often_closed: true,
  },
  { id: 'P5', attempt: 'userfaultfd', expected: 'EPERM', probe: told(DENIED.userfaultfd, 1), often_closed: true },
  {
    id: 'P5',
    attempt: 'io_uring_setup',
    expected: 'EPERM',
    probe: `my $a = "\\0" x 120; ${told(DENIED.io_uring_setup, 1, '$a')}`,
    often_closed: true,
  },
  {
    id: 'P5',
    attempt: 'keyctl: look at the keyring of the session',
    expected: 'EPERM',
    probe: told(DENIED.keyctl, 0, -3, 1),
  },
  ...(
    [
      ['raw', '2, 3, 1', true],
      ['packet', '17, 3, 0', true],
      ['vsock', '40, 1, 0', false],
      ['kernel crypto (alg)', '38, 5, 0', false],
      ['netlink audit', '16, 3, 9', false],
      ['netlink netfilter', '16, 3, 12', false],
      ['netlink xfrm', '16, 3, 6', false],
    ] as const
  ).map(([name, numbers, needs_root]): Call => ({
    id: 'P6',
    attempt: `open a socket: ${name}`,
    expected: 'EPERM or no such family',
    ...(needs_root && { needs_root }),
    probe: `told(socket(my $s, ${numbers}) ? 1 : -1);`,
  })),
  ...(ARCHITECTURE === 'x64'
    ? [
        {
          id: 'P7',
          attempt: 'a call by its x32 number',
          expected: 'no such call',
          probe: told(0x4000_0000 + 39),
        },
      ]
    : []),
  {
    id: 'P8',
    attempt: 'type into a terminal of its own (TIOCSTI)',
    expected: 'EPERM',
    probe: aTerminal(0x5412),
    often_closed: true,
  },
  {
    id: 'P8',
    attempt: 'type into a terminal of its own, with high bits set',
    expected: 'EPERM',
    probe: aTerminal(0x1_0000_5412),
    often_closed: true,
  },
];

/** Opens a terminal, makes it the process's own, and types an `x` into it. */
function aTerminal(cmd: number): string {
  return `POSIX::setsid(); sysopen(my $m, "/dev/ptmx", 2) or die "ptmx: $!"; my $zero = pack("i", 0); my $no = pack("i", 0);
    ioctl($m, 0x40045431, $zero) // die "unlock: $!"; ioctl($m, 0x80045430, $no) // die "number: $!";
    sysopen(my $t, "/dev/pts/" . unpack("i", $no), 2) or die "pts: $!"; my $x = "x";
    my $r = syscall(${n(JUDGED.ioctl)}, fileno($t), ${cmd}, $x); $! = 1 if $r == -1 && $! == 5; told($r);`;
}

const ELF = 64 + 56;

/** A program that asks for its pid by `int 0x80` and ends with 0 when it got one. */
function interrupt(): Buffer {
  const code = Buffer.from('b814000000cd80c1e81f89c7b83c0000000f05', 'hex');
  const bytes = Buffer.alloc(ELF + code.length);
  Buffer.from('7f454c46020101', 'hex').copy(bytes); // 64 bits, little-endian
  bytes.writeUInt16LE(2, 16); // a program
  bytes.writeUInt16LE(62, 18); // for x86-64
  bytes.writeUInt32LE(1, 20);
  bytes.writeBigUInt64LE(BigInt(0x40_0000 + ELF), 24); // where it begins
  bytes.writeBigUInt64LE(64n, 32); // its one part follows
  bytes.writeUInt16LE(64, 52);
  bytes.writeUInt16LE(56, 54);
  bytes.writeUInt16LE(1, 56);
  bytes.writeUInt32LE(1, 64); // to be loaded
  bytes.writeUInt32LE(5, 68); // read, execute
  bytes.writeBigUInt64LE(0x40_0000n, 80);
  bytes.writeBigUInt64LE(0x40_0000n, 88);
  bytes.writeBigUInt64LE(BigInt(bytes.length), 96);
  bytes.writeBigUInt64LE(BigInt(bytes.length), 104);
  bytes.writeBigUInt64LE(0x1000n, 112);
  code.copy(bytes, ELF);
  return bytes;
}

export const KERNEL: readonly Attempt[] = [
  ...CALLS.map(aCall),
  ...(ARCHITECTURE === 'x64'
    ? [
        {
          id: 'P7',
          attempt: 'a call by int 0x80, around the numbers of the filter',
          expected: 'killed',
          async run({ sh, place, kind }): Promise<Outcome> {
            writeFileSync(join(place.folders.work, 'interrupt'), interrupt(), { mode: 0o755 });
            const { out } = await sh('./interrupt; echo "exit $?"');
            const said = lastLine(out);
            const lacks = kind === 'bare' && said !== 'exit 0' ? { lacks: 'the kernel has no 32-bit calls' } : {};
            return { through: said === 'exit 0', saw: said, ...lacks };
          },
        } satisfies Attempt,
      ]
    : []),
];

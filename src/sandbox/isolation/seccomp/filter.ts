import { ABSENT, type Architecture, DENIED, JUDGED, numberOf, YOUNGEST } from './syscalls.ts';

const ALLOW = 0x7fff_0000;
const KILL = 0x8000_0000;
const EPERM = errno(1);
const ENOSYS = errno(38);
const EAFNOSUPPORT = errno(97);

const AUDIT_ARCH = { x64: 0xc000_003e, arm64: 0xc000_00b7 } as const;
const X32_BIT = 0x4000_0000;
/** NEWTIME NEWNS NEWCGROUP NEWUTS NEWIPC NEWUSER NEWPID NEWNET */
const NAMESPACE_FLAGS = 0x7e02_0080;
const SETUID_BITS = 0o6000;
/** O_CREAT and O_TMPFILE: only then is the mode of an open looked at by the kernel. */
const CREATES = 0x40_0040;

/** One instruction of classic BPF; `jt` and `jf` count instructions to skip. */
interface Instruction {
  readonly code: number;
  readonly jt: number;
  readonly jf: number;
  readonly k: number;
}

/**
 * The seccomp filter of every sandbox, as the bytes that `bwrap --seccomp` loads. A foreign ABI is killed; refused calls
 * answer EPERM or ENOSYS, because programs probe.
 */
export function buildFilter(architecture: Architecture): Uint8Array {
  return encode(program(architecture));
}

function program(architecture: Architecture): readonly Instruction[] {
  const judged = (name: keyof typeof JUDGED, body: readonly Instruction[]): readonly Instruction[] => {
    const number = numberOf(JUDGED[name], architecture);
    return number < 0 ? [] : [skipUnless(JEQ, number, body.length), ...body];
  };
  const answer = (numbers: readonly number[], result: number): readonly Instruction[] =>
    numbers.filter((number) => number >= 0).flatMap((number) => [skipUnless(JEQ, number, 1), ret(result)]);
  const numbersOf = (table: Record<string, readonly [number, number]>): readonly number[] =>
    Object.values(table).map((numbers) => numberOf(numbers, architecture));

  return [
    load(4),
    { code: JEQ, jt: 1, jf: 0, k: AUDIT_ARCH[architecture] },
    ret(KILL),
    load(0),
    ...(architecture === 'x64' ? [skipUnless(JGE, X32_BIT, 1), ret(ENOSYS)] : []),
    ...answer(numbersOf(DENIED), EPERM),
    ...answer(numbersOf(ABSENT), ENOSYS),
    ...judged('clone', refuseBits(0, NAMESPACE_FLAGS)),
    ...judged('socket', socketRule()),
    ...judged('socketpair', [argument(0), skipUnless(JEQ, 1, 1), ret(ALLOW), ret(EAFNOSUPPORT)]),
    ...judged('ioctl', [argument(1), ...answer([0x5412, 0x541c], EPERM), ret(ALLOW)]), // TIOCSTI, TIOCLINUX
    ...judged('chmod', refuseBits(1, SETUID_BITS)),
    ...judged('fchmod', refuseBits(1, SETUID_BITS)),
    ...judged('fchmodat', refuseBits(2, SETUID_BITS)),
    ...judged('fchmodat2', refuseBits(2, SETUID_BITS)),
    ...judged('mknod', refuseBits(1, SETUID_BITS)),
    ...judged('mknodat', refuseBits(2, SETUID_BITS)),
    ...judged('creat', refuseBits(1, SETUID_BITS)),
    ...judged('open', refuseCreating(1)),
    ...judged('openat', refuseCreating(2)),
    ...judged('personality', [argument(0), ...answer([0, 0x40000, 0xffff_ffff], ALLOW), ret(EPERM)]),
    skipUnless(JGT, YOUNGEST, 1),
    ret(ENOSYS),
    ret(ALLOW),
  ];
}

/** Unix sockets; routes over netlink; TCP and UDP, which reach nothing but `lo`. */
function socketRule(): readonly Instruction[] {
  const streamOrDatagram = [
    argument(1),
    { code: AND, jt: 0, jf: 0, k: 0xf },
    skipUnless(JEQ, 1, 1),
    ret(ALLOW),
    skipUnless(JEQ, 2, 1),
    ret(ALLOW),
    ret(EPERM),
  ];
  const routes = [argument(2), skipUnless(JEQ, 0, 1), ret(ALLOW), ret(EPERM)];
  return [
    argument(0),
    skipUnless(JEQ, 1, 1),
    ret(ALLOW),
    skipUnless(JEQ, 16, routes.length),
    ...routes,
    skipUnless(JEQ, 2, streamOrDatagram.length),
    ...streamOrDatagram,
    skipUnless(JEQ, 10, streamOrDatagram.length),
    ...streamOrDatagram,
    ret(EAFNOSUPPORT),
  ];
}

const refuseBits = (index: number, bits: number): readonly Instruction[] => [
  argument(index),
  skipUnless(JSET, bits, 1),
  ret(EPERM),
  ret(ALLOW),
];

/** `open` and `openat`: flags at `index`, the mode behind them. */
const refuseCreating = (index: number): readonly Instruction[] => [
  argument(index),
  skipUnless(JSET, CREATES, 4),
  argument(index + 1),
  skipUnless(JSET, SETUID_BITS, 1),
  ret(EPERM),
  ret(ALLOW),
  ret(ALLOW),
];

const JEQ = 0x15;
const JGT = 0x25;
const JGE = 0x35;
const JSET = 0x45;
const AND = 0x54;

const load = (offset: number): Instruction => ({ code: 0x20, jt: 0, jf: 0, k: offset });
/** The low word of an argument: the kernel looks at no more of any argument that is judged here. */
const argument = (index: number): Instruction => load(16 + 8 * index);
const ret = (k: number): Instruction => ({ code: 0x06, jt: 0, jf: 0, k });
const skipUnless = (code: number, k: number, skip: number): Instruction => ({ code, jt: 0, jf: skip, k });

function errno(number: number): number {
  return 0x0005_0000 | number;
}

function encode(instructions: readonly Instruction[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(instructions.length * 8));
  for (const [index, { code, jt, jf, k }] of instructions.entries()) {
    if (jt > 255 || jf > 255) throw new RangeError(`seccomp: jump of ${Math.max(jt, jf)} at instruction ${index}`);
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jt);
    view.setUint8(index * 8 + 3, jf);
    view.setUint32(index * 8 + 4, k, true);
  }
  return new Uint8Array(view.buffer);
}

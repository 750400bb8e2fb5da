import { describe, expect, it } from 'vitest';
import { buildFilter } from '../../../src/sandbox/isolation/seccomp/filter.ts';
import {
  ABSENT,
  type Architecture,
  DENIED,
  JUDGED,
  numberOf,
} from '../../../src/sandbox/isolation/seccomp/syscalls.ts';
import { simulate } from './seccomp-simulator.ts';

const X64 = 0xc000003e;
const ARM64 = 0xc00000b7;

describe.each([
  ['x64', X64],
  ['arm64', ARM64],
] as const)('the seccomp filter on %s', (architecture: Architecture, arch) => {
  const filter = buildFilter(architecture);
  const run = (nr: number, ...args: readonly number[]): string => simulate(filter, { nr, arch, args });
  const call = (name: keyof typeof JUDGED, ...args: readonly number[]): string =>
    run(numberOf(JUDGED[name], architecture), ...args);

  it('allows reading, writing, and starting a program', () => {
    const plain = architecture === 'x64' ? [0, 1, 59, 231] : [63, 64, 221, 94];
    expect(plain.map((nr) => run(nr))).toEqual(plain.map(() => 'allow'));
  });

  it.each(Object.entries(DENIED).filter(([, numbers]) => numberOf(numbers, architecture) >= 0))(
    'refuses %s',
    (_, numbers) => {
      expect(run(numberOf(numbers, architecture))).toBe('errno 1');
    },
  );

  it('says that calls whose arguments it cannot see do not exist', () => {
    expect(Object.values(ABSENT).map((numbers) => run(numberOf(numbers, architecture)))).toEqual([
      'errno 38',
      'errno 38',
    ]);
  });

  it('says that calls younger than its table do not exist', () => {
    expect([run(470), run(471), run(600)]).toEqual(['allow', 'errno 38', 'errno 38']);
  });

  it('kills a foreign machine, the 32-bit one among them', () => {
    expect(simulate(filter, { nr: 1, arch: 0x40000003, args: [] })).toBe('kill');
    expect(simulate(filter, { nr: 1, arch: architecture === 'x64' ? ARM64 : X64, args: [] })).toBe('kill');
  });

  it.each([
    ['a thread', 0x3d0f00, 'allow'],
    ['a fork', 0x1200011, 'allow'],
    ['a user namespace', 0x10000000, 'errno 1'],
    ['a mount namespace', 0x20000, 'errno 1'],
    ['a network namespace in a thread', 0x3d0f00 | 0x40000000, 'errno 1'],
  ])('judges clone of %s', (_, flags, result) => {
    expect(call('clone', flags)).toBe(result);
  });

  it.each([
    ['unix', [1, 1, 0], 'allow'],
    ['TCP over v4, close-on-exec', [2, 1 | 0o2000000, 6], 'allow'],
    ['UDP over v6', [10, 2, 17], 'allow'],
    ['raw v4', [2, 3, 1], 'errno 1'],
    ['raw v6', [10, 3, 58], 'errno 1'],
    ['netlink routes', [16, 3, 0], 'allow'],
    ['netlink audit', [16, 3, 9], 'errno 1'],
    ['netlink netfilter', [16, 3, 12], 'errno 1'],
    ['packet', [17, 3, 0], 'errno 97'],
    ['crypto', [38, 5, 0], 'errno 97'],
    ['vsock', [40, 1, 0], 'errno 97'],
  ])('judges a socket: %s', (_, args, result) => {
    expect(call('socket', ...args)).toBe(result);
  });

  it('pairs unix sockets only', () => {
    expect([call('socketpair', 1, 1), call('socketpair', 2, 1)]).toEqual(['allow', 'errno 97']);
  });

  it('refuses to type into a terminal, whatever the high bits say', () => {
    const tiocsti = [0x5412, 0x1_0000_5412, 0x541c].map((command) => call('ioctl', 0, command));
    expect(tiocsti).toEqual(['errno 1', 'errno 1', 'errno 1']);
    expect(call('ioctl', 0, 0x5413)).toBe('allow');
  });

  it('refuses to make a file setuid or setgid by each way that has a mode', () => {
    const ways: [keyof typeof JUDGED, number][] = [
      ['chmod', 1],
      ['fchmod', 1],
      ['fchmodat', 2],
      ['fchmodat2', 2],
      ['mknod', 1],
      ['mknodat', 2],
      ['creat', 1],
    ];
    for (const [name, at] of ways.filter(([name]) => numberOf(JUDGED[name], architecture) >= 0)) {
      const withMode = (mode: number): string => call(name, ...Array.from({ length: at }, () => 0), mode);
      expect([name, withMode(0o755), withMode(0o4755), withMode(0o2755)]).toEqual([
        name,
        'allow',
        'errno 1',
        'errno 1',
      ]);
    }
  });

  it('looks at the mode of an open only when it creates', () => {
    expect(call('openat', 0, 0, 0, 0o4755)).toBe('allow');
    expect(call('openat', 0, 0, 0o101, 0o644)).toBe('allow');
    expect(call('openat', 0, 0, 0o101, 0o4755)).toBe('errno 1');
    expect(call('openat', 0, 0, 0o20200000, 0o2755)).toBe('errno 1');
    if (architecture === 'x64') expect(call('open', 0, 0o101, 0o4755)).toBe('errno 1');
  });

  it('knows three personalities', () => {
    expect([0, 0x40000, 0xffffffff, 0x8].map((persona) => call('personality', persona))).toEqual([
      'allow',
      'allow',
      'allow',
      'errno 1',
    ]);
  });
});

describe('the seccomp filter on x64 alone', () => {
  it('says that the x32 numbers do not exist', () => {
    expect(simulate(buildFilter('x64'), { nr: 0x40000000 + 1, arch: X64, args: [] })).toBe('errno 38');
  });
});

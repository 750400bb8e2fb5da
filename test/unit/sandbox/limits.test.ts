import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCgroup, makeCgroup } from '../../../src/sandbox/limits/cgroup.ts';
import { describeLimits } from '../../../src/sandbox/limits/describe.ts';
import { CHANCES, judgeDisk, judgeMemory } from '../../../src/sandbox/limits/over-limit.ts';

const member = (inner_pid: number, memory_bytes: number) => ({
  pid: inner_pid + 1_000,
  inner_pid,
  memory_bytes,
  name: 'x',
});
const [init, command, watcher] = [member(1, 1), member(2, 30), member(3, 1)] as const;
const used = (...others: readonly ReturnType<typeof member>[]) => {
  const members = [init, command, watcher, ...others];
  return { members, memory_bytes: members.reduce((sum, one) => sum + one.memory_bytes, 0) };
};

describe('judgeMemory', () => {
  it('ends nothing below the limit', () => {
    expect(judgeMemory(used(member(7, 60)), 100)).toEqual({ ends: [], stops: false });
  });

  it('ends the largest first, and no more than it takes', () => {
    const [small, large, middle] = [member(7, 10), member(8, 60), member(9, 20)] as const;
    expect(judgeMemory(used(small, large, middle), 100)).toEqual({ ends: [large], stops: false });
    expect(judgeMemory(used(small, large, middle), 45)).toEqual({ ends: [large, middle], stops: false });
  });

  it('stops everything when the command alone is over the limit, or files in memory are', () => {
    expect(judgeMemory(used(member(7, 10)), 20)).toEqual({ ends: [], stops: true });
    expect(judgeMemory({ members: [init, command, watcher, member(7, 10)], memory_bytes: 500 }, 100)).toEqual({
      ends: [],
      stops: true,
    });
  });
});

describe('judgeDisk', () => {
  const { members } = used(member(7, 1), member(8, 1));

  it('ends whatever runs beside the command, and spares the command a few times', () => {
    expect(judgeDisk({ members, bytes: 99, hits: 0 }, 100)).toEqual({ ends: [], stops: false });
    expect(judgeDisk({ members, bytes: 101, hits: 0 }, 100)).toEqual({ ends: members.slice(3), stops: false });
    expect(judgeDisk({ members, bytes: 101, hits: CHANCES }, 100)).toEqual({ ends: [], stops: true });
  });

  it('ends nobody where nobody else runs: the writer may just have ended', () => {
    expect(judgeDisk({ members: members.slice(0, 3), bytes: 101, hits: 0 }, 100)).toEqual({ ends: [], stops: false });
  });
});

describe('control groups', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'tack-cgroup-'));
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const group = (path: string, controllers: string, handed = '') => {
    mkdirSync(join(root, path), { recursive: true });
    writeFileSync(join(root, path, 'cgroup.controllers'), controllers);
    writeFileSync(join(root, path, 'cgroup.subtree_control'), handed);
  };
  const seen = (path: string) => ({ own: `9:pids:/\n0::${path}\n`, mounts: `cgroup2 ${root} cgroup2 rw 0 0\n` });

  it('are used where a unit delegates them: beside our own group', () => {
    group('unit', 'cpu memory pids', 'memory pids');
    group('unit/roles', 'memory pids');
    expect(findCgroup(seen('/unit/roles'))).toEqual({ folder: join(root, 'unit') });
  });

  it('are not used where memory or processes are not handed over, nor where there are none', () => {
    group('unit', 'cpu pids', 'pids');
    expect(findCgroup(seen('/unit/roles'))).toBeUndefined();
    expect(findCgroup({ own: '1:pids:/\n', mounts: '' })).toBeUndefined();
    expect(findCgroup(seen('/nowhere/roles'))).toBeUndefined();
  });

  it('get their limits before anything runs in them', () => {
    group('unit', 'memory pids', 'memory pids');
    const { words } = makeCgroup({ folder: join(root, 'unit') }, { memory_bytes: 64, processes: 50 });
    const path = words.at(-1) ?? '';
    expect(existsSync(path)).toBe(true);
    expect(words.slice(0, 2)).toEqual(['/bin/sh', '-c']);
  });
});

describe('describeLimits', () => {
  it('says what holds each limit, with a control group and without', () => {
    const by = (rows: ReturnType<typeof describeLimits>) =>
      Object.fromEntries(rows.map(({ limit, by: what }) => [limit, what]));
    expect(by(describeLimits({}, undefined))).toMatchObject({
      memory: 'watchdog',
      processes: 'rlimit',
      disk: 'watchdog',
      'cpu share': 'nothing',
    });
    expect(by(describeLimits({ cpu_s: 5 }, { folder: '/x' }))).toMatchObject({
      memory: 'cgroup',
      'cpu seconds': 'rlimit',
    });
    expect(describeLimits({ memory_bytes: 64_000_000 }, undefined)[0]).toMatchObject({ value: '64 MB' });
  });
});

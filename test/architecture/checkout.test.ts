/** What is checked in belongs to the project alone: nothing of the machine it was written on. */
import { hostname } from 'node:os';
import { describe, expect, it } from 'vitest';
import { filesOf, linesWith, ROOT } from './tracked.ts';

const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
const tracked = filesOf().filter(({ path }) => path !== 'test/architecture/checkout.test.ts');
const text = tracked.filter(({ text: content }) => !content.includes('\0'));

describe('tracked files', () => {
  it('name no path of a machine', () => {
    const own = literal(ROOT);
    expect(
      linesWith(text, new RegExp(String.raw`(?<![\w/.$}-])(/work/|/Users/|/root/(?!node\b|s/|\.)|${own}/)`)),
    ).toEqual([]);
  });

  it('name no host of a machine, and no package registry', () => {
    const machine = hostname().length > 8 ? `|${literal(hostname())}` : '';
    const hosts = new RegExp(
      `registry\\.[a-z]+\\.(org|com|dev)|artifactory|verdaccio|--index-url|files\\.pythonhosted|npmmirror${machine}`,
      'i',
    );
    expect(linesWith(text, hosts)).toEqual([]);
  });

  it('hold no key', () => {
    const others = text.filter(({ path }) => path !== 'test/integration/broker/tls/key.pem'); // of a certificate for localhost that only its test trusts
    expect(linesWith(others, /sk-ant-[a-z0-9]{2,}-[\w-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY/)).toEqual([]);
  });
});

describe('the lock files', () => {
  const locks = filesOf('*package-lock.json');

  it('say which packages, and leave to npm where from', () => {
    expect(locks.length).toBeGreaterThan(0);
    expect(linesWith(locks, /"resolved": "(?!file:)/)).toEqual([]);
  });

  it('hash every package', () => {
    for (const { path, text: content } of locks) {
      const { packages } = JSON.parse(content) as { packages: Record<string, { integrity?: string; link?: boolean }> };
      const bare = Object.entries(packages).filter(([name, { integrity, link }]) => name !== '' && !link && !integrity);
      expect(bare.map(([name]) => `${path}: ${name}`)).toEqual([]);
    }
  });

  it('lock the platforms of Linux and macOS', () => {
    const [root] = locks.filter(({ path }) => path === 'package-lock.json');
    for (const platform of ['linux-x64', 'linux-arm64', 'darwin-arm64']) expect(root?.text).toContain(platform);
  });
});

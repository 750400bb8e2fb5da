/** What the pages say is so: tables are those of the code, links and paths lead somewhere, commands exist. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages } from '../../scripts/docs.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { filesOf, ROOT } from './tracked.ts';

const markdown = filesOf('*.md');
const exists = (path: string) => existsSync(join(ROOT, path));

/** Headings as GitHub links to them. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  );

describe('the pages', () => {
  it('show the tables of the code (`./tack npm run docs` writes them)', async () => {
    const made = await pages();
    expect(made.length).toBeGreaterThan(4);
    for (const { path, written, made: fresh } of made) expect(written, path).toBe(fresh);
  });

  it('link to what exists', () => {
    const dead = markdown.flatMap(({ path, text }) =>
      [...text.matchAll(/\]\((?!https?:|mailto:)([^)\s#]*)(#[^)\s]*)?\)/g)].flatMap(([, to = '', anchor]) => {
        const target = to === '' ? path : normalize(join(dirname(path), to));
        if (!exists(target)) return [`${path}: ${target} does not exist`];
        const page = markdown.find((file) => file.path === target);
        if (anchor === undefined || page === undefined || anchorsOf(page.text).includes(anchor.slice(1))) return [];
        return [`${path}: ${target} has no ${anchor}`];
      }),
    );
    expect(dead).toEqual([]);
  });

  it('and the code name files that exist', () => {
    const own = filesOf('*.md', 'src/*.ts', 'scripts/*.ts', 'tack', '*.json').filter(
      ({ path }) => path !== 'package-lock.json',
    );
    const named = /(?<![\w/.])((?:docs|src|test|scripts)\/[\w./-]+\.(?:md|ts|lock|json))\b/g;
    const dead = own.flatMap(({ path, text }) =>
      [...text.matchAll(named)]
        .filter(([, file = '']) => !exists(file))
        .map(([, file]) => `${path}: ${file} does not exist`),
    );
    expect(dead).toEqual([]);
  });

  it('show commands that there are', () => {
    const known = new Set([...COMMANDS.map(({ name }) => name), 'test', 'npm', 'exec', 'help']);
    const shown = markdown.flatMap(({ path, text }) =>
      [...text.matchAll(/(?:^|`)(?:\.\/)?tack(?:room)? ([a-z][a-z-]*)/gm)].map(([, name = '']) => ({ path, name })),
    );
    expect(shown.length).toBeGreaterThan(20);
    expect(shown.filter(({ name }) => !known.has(name))).toEqual([]);
  });
});

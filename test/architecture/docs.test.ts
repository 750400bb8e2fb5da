/** What the pages say is so: tables are those of the code, links and paths lead somewhere, commands exist. */
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pages } from '../../scripts/docs.ts';
import { Rule } from '../../src/domain/policy/schema.ts';
import { AgentConfig, AgentLimits } from '../../src/domain/spec/agent.ts';
import { parseAgent } from '../../src/domain/spec/parse.ts';
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

  it('name every field of an agent file and of a rule', () => {
    const told = markdown
      .filter(({ path }) => /reference\/(agents|policies)\.md$/.test(path))
      .map(({ text }) => text)
      .join();
    const fields = [AgentConfig, AgentLimits, Rule].flatMap(({ shape }) => Object.keys(shape));
    expect(fields.filter((name) => !told.includes(`\`${name}\``))).toEqual([]);
  });

  it('show agent files that are taken', () => {
    const shown = [...markdown, ...filesOf('agents/*.yaml')].flatMap(({ path, text }) =>
      (path.endsWith('.yaml') ? [text] : [...text.matchAll(/^```yaml\n([^]*?)^```/gm)].map(([, yaml = '']) => yaml))
        .filter((yaml) => /^harness:/m.test(yaml))
        .map((yaml) => ({ path, yaml })),
    );
    expect(shown.length).toBeGreaterThan(3);
    for (const { path, yaml } of shown) expect(() => parseAgent(yaml, path), yaml).not.toThrow();
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

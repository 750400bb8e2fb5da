/** A file is one thought: how long files are, and how they are called. */
import { basename, extname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesOf } from './tracked.ts';

const CAP = 300;
const MEDIAN = 80;
/** How a longer file says why: `// More than 300 lines: …`. */
const REASON = /More than 300 lines: \S/;
const FORBIDDEN = ['utils', 'util', 'helpers', 'helper', 'common', 'misc', 'manager', 'shared', 'lib', 'stuff'];

const files = filesOf('src/*.ts').map(({ path, text }) => ({ path, text, lines: text.split('\n').length - 1 }));
const sorted = files.toSorted((a, b) => b.lines - a.lines);
const at = (share: number) => sorted[Math.floor(sorted.length * (1 - share))]?.lines ?? 0;

describe('files of src', () => {
  it(`have a median below ${MEDIAN} lines`, () => {
    const largest = sorted.slice(0, 10).map(({ path, lines }) => `${String(lines).padStart(5)}  ${path}`);
    console.log(
      [`${files.length} files, median ${at(0.5)}, p90 ${at(0.9)} lines; the largest:`, ...largest].join('\n'),
    );
    expect(at(0.5)).toBeLessThan(MEDIAN);
  });

  it(`end at ${CAP} lines, or say why they do not`, () => {
    const long = sorted.filter(({ lines, text }) => lines > CAP && !REASON.test(text));
    expect(long.map(({ path, lines }) => `${path}: ${lines} lines. What is its second thought?`)).toEqual([]);
  });

  it('are called by their concept, in kebab-case', () => {
    const vague = filesOf('src', 'test', 'scripts')
      .filter(({ path }) => extname(path) === '.ts')
      .flatMap(({ path }) =>
        path
          .split('/')
          .slice(1)
          .map((part) => ({ path, name: part.replace(/\..*/, '') })),
      )
      .filter(({ name }) => FORBIDDEN.includes(name) || !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(name))
      .map(({ path, name }) => `${path}: ${name} says nothing. What is it?`);
    expect([...new Set(vague)]).toEqual([]);
  });

  it('have named exports only', () => {
    expect(files.filter(({ text }) => /^export default /m.test(text)).map(({ path }) => basename(path))).toEqual([]);
  });
});

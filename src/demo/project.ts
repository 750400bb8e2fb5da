/** The shop that the demo works on: a git repository with a failing test, a script that nobody may run unasked, and a line of the person's own. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const BROKEN = `/** Sum of a cart in cents; a coupon takes its percentage off. */
export function total(items, coupon) {
  const sum = items.reduce((cents, item) => cents + item.cents, 0);
  return coupon ? Math.round(sum * (1 - coupon.percent / 100)) : sum;
}
`;
const TESTS = `import assert from 'node:assert';
import { total } from '../src/cart.js';

const tests = {
  'an empty cart costs nothing': () => assert.equal(total([]), 0),
  'a coupon takes its percentage off': () => assert.equal(total([{ cents: 900, quantity: 1 }], { percent: 50 }), 450),
  'three of one kind cost three times as much': () => assert.equal(total([{ cents: 200, quantity: 3 }]), 600),
};
let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  try {
    test();
    console.log(\`ok      \${name}\`);
  } catch (error) {
    failed += 1;
    console.log(\`not ok  \${name}: \${error.actual} instead of \${error.expected}\`);
  }
}
process.exit(failed ? 1 : 0);
`;
const MIGRATION = `import { appendFileSync, mkdirSync } from 'node:fs';

mkdirSync('data', { recursive: true });
appendFileSync('data/migrations.log', \`prices moved at \${new Date().toISOString()}\\n\`);
console.log('moved the prices');
`;
const README = '# Shop\n\nA cart, and what it costs.\n';

export const CODE = 'src/cart.js';
/** What is wrong, and what mends it. */
export const MEND = { wrong: 'cents + item.cents,', right: 'cents + item.cents * item.quantity,' } as const;
export const MENDED = BROKEN.replace(MEND.wrong, MEND.right);
export const TEST_COMMAND = 'node test/cart.test.js';
export const MIGRATE_COMMAND = 'node scripts/migrate.js';
/** One line for each time that the migration ran. */
export const EFFECTS = 'data/migrations.log';
export const OWN_LINE = 'A line of mine, not committed yet.';

const COMMITTED: Readonly<Record<string, string>> = {
  'README.md': README,
  'package.json': `${JSON.stringify({ name: 'shop', private: true, type: 'module', scripts: { test: TEST_COMMAND } }, null, 2)}\n`,
  [CODE]: BROKEN,
  'test/cart.test.js': TESTS,
  'scripts/migrate.js': MIGRATION,
};

/** Writes the files into `folder`; `git` runs there. */
export async function makeProject(
  folder: string,
  git: (...args: readonly string[]) => Promise<unknown>,
): Promise<void> {
  for (const [path, text] of Object.entries(COMMITTED)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  await git('init', '--quiet');
  await git('add', '--all');
  await git('-c', 'user.name=You', '-c', 'user.email=you@localhost', 'commit', '--quiet', '--no-verify', '-m', 'Start');
  writeFileSync(join(folder, 'README.md'), `${README}\n${OWN_LINE}\n`);
}

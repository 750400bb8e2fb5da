/** Few questions is a feature: a long turn of ordinary work in a real project, under the policy that is shipped. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startModelServer, type ModelServer } from '../../src/demo/model-server/server.ts';
import { git } from '../support/repository.ts';
import { sessionIn } from '../support/session.ts';
import { openRoom, type Room } from '../support/tackroom.ts';
import { unpacked } from '../support/published-package.ts';

const WORK = '/home/agent/work';
let model: ModelServer;
let room: Room;
let folder: string;

beforeAll(async () => {
  folder = unpacked();
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', 'start');
  model = await startModelServer();
  room = openRoom({ ANTHROPIC_API_KEY: 'sk-benign', ANTHROPIC_BASE_URL: model.url });
});
afterAll(async () => {
  await room?.close();
  await model?.close();
  if (folder) rmSync(dirname(folder), { recursive: true, force: true });
});

interface Call {
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
}
const bash = (command: string): Call => ({ name: 'Bash', input: { command, description: 'ordinary work' } });
const read = (path: string, more: object = {}): Call => ({
  name: 'Read',
  input: { file_path: `${WORK}/${path}`, ...more },
});
const write = (path: string, content: string): Call => ({
  name: 'Write',
  input: { file_path: `${WORK}/${path}`, content },
});
const edit = (path: string, old_string: string, new_string: string): Call => ({
  name: 'Edit',
  input: { file_path: `${WORK}/${path}`, old_string, new_string },
});

/** What a day of work in a small library looks like; the install is left out. */
const LOOKS = [
  ...[
    'pwd',
    'ls -la',
    'git status',
    'git log --oneline -5',
    'git branch -a',
    'cat package.json | head -40',
    'node --version',
  ],
  ...[
    'npm --version',
    'ls lib test',
    'wc -l lib/*.js test/*.js',
    "grep -rn 'module.exports' lib",
    "grep -n 'ignoreQueryPrefix' -r lib test | head",
  ],
  ...[
    'find . -name "*.js" -not -path "./node_modules/*" | sort',
    'du -sh node_modules',
    'git diff --stat',
    'head -50 README.md',
  ],
  ...[
    "awk '/^## /{print}' CHANGELOG.md | head -5",
    'env | sort | cut -d= -f1',
    'which node npm git',
    'date +%Y',
    'uname -a',
    'df -h . | tail -1',
  ],
].map(bash);
const READS = [
  'package.json',
  'lib/index.js',
  'lib/parse.js',
  'lib/stringify.js',
  'lib/utils.js',
  'lib/formats.js',
  'README.md',
  'LICENSE.md',
  'test/parse.js',
].map((path) => read(path, { limit: 60 }));
const CHANGES: readonly Call[] = [
  write(
    'lib/shout.js',
    "'use strict';\n\nmodule.exports = function shout(text) {\n    return text.toUpperCase();\n};\n",
  ),
  write(
    'test/shout.js',
    "'use strict';\n\nvar test = require('tape');\nvar shout = require('../lib/shout');\n\ntest('shout', function (t) {\n    t.equal(shout('a'), 'A');\n    t.end();\n});\n",
  ),
  bash("node_modules/.bin/tape 'test/shout.js'"),
  edit('lib/shout.js', 'text.toUpperCase()', 'String(text).toUpperCase()'),
  bash("node_modules/.bin/tape 'test/shout.js' | tail -5"),
  read('lib/shout.js'),
  edit('lib/shout.js', 'shout(text)', 'shout(text, mark)'),
  edit('lib/shout.js', 'toUpperCase();', "toUpperCase() + (mark || '');"),
  bash('node -e \'console.log(require("./lib/shout")("a", "!"))\''),
  bash("sed -i 's/mark/end/g' lib/shout.js && cat lib/shout.js"),
  bash('git add lib/shout.js test/shout.js && git commit -qm "Add shout" && git log -1 --stat'),
  bash('git diff HEAD~1 --stat'),
  bash('git stash list; git show --stat HEAD | head'),
  bash('mkdir -p docs/notes && echo "# Notes" > docs/notes/shout.md'),
  write('docs/notes/why.md', 'Because it was quiet.\n'),
  bash('mv docs/notes/why.md docs/notes/reason.md && ls docs/notes'),
  bash('cp lib/shout.js /tmp/shout.js && diff lib/shout.js /tmp/shout.js && rm /tmp/shout.js'),
  bash('rm -r docs/notes && rmdir docs 2>/dev/null; git status --short'),
  { name: 'TaskCreate', input: { subject: 'Write the tests', description: 'For shout' } },
  { name: 'TaskList', input: {} },
];
const SMALL = [
  ...[
    'cat lib/utils.js | tail -20',
    "node -p '1 + 1'",
    'git rev-parse --short HEAD',
    'test -f package.json && echo yes',
    "printf '%s\\n' a b c | sort -r",
  ],
  ...[
    'node -e \'for (const [k, v] of Object.entries(require("./package.json").scripts)) console.log(k, v)\'',
    'ls node_modules | wc -l',
    "grep -c '' lib/parse.js",
  ],
  ...[
    'for f in lib/*.js; do node --check "$f" && echo "ok $f"; done',
    'echo $((6 * 7))',
    'cd lib && ls && cd ..',
    'git ls-files | head -3',
    'true',
    'sleep 0.1; echo waited',
  ],
  ...[
    "python3 -c 'print(40 + 2)' || echo no python",
    'tar czf /tmp/lib.tgz lib && tar tzf /tmp/lib.tgz | head -3',
    'sha256sum lib/parse.js | cut -c1-8',
    'xargs -n1 echo < LICENSE.md | head -3',
  ],
  ...[
    '(echo one; echo two) | tee /tmp/lines.txt | wc -l',
    "node_modules/.bin/tape 'test/utils.js' 2>&1 | tail -4",
    'git grep -n utils -- lib | head -3',
    'git blame -L1,3 lib/parse.js',
  ],
  ...[
    'node -e \'require("fs").writeFileSync("/tmp/x.json", JSON.stringify({ a: 1 }))\'; cat /tmp/x.json',
    'git tag local-mark && git tag -d local-mark',
    'git checkout -q -b try && git checkout -q - && git branch -D try',
  ],
  ...[
    'basename "$PWD"',
    'tr a-z A-Z < LICENSE.md | head -1',
    'stat -c %s package.json',
    'timeout 5 node -e "setTimeout(() => console.log(1), 50)"',
  ],
].map(bash);
const ORDINARY = [...LOOKS, ...READS, ...CHANGES, ...SMALL];
/** Filled up with what is done again and again. */
const CALLS = [
  ...ORDINARY,
  ...Array.from({ length: 100 - ORDINARY.length }, (_, n) =>
    bash(`git status --short; echo round ${n}; sed -n '${n + 1}p' lib/parse.js`),
  ),
];

describe('a hundred ordinary calls of Claude Code in a real project', () => {
  it('are all allowed by the shipped policy, without a question', { timeout: 600_000 }, async () => {
    expect(CALLS).toHaveLength(100);
    const run = await room.tack(['run', `Work. [[tools ${JSON.stringify({ calls: CALLS })}]]`], { cwd: folder });
    expect(run, run.stderr).toMatchObject({ code: 0 });
    const [{ id }] = JSON.parse((await room.tack(['ls', '--json'])).stdout).data as [{ id: string }];
    const log = await sessionIn(room, { id, turn_id: '' }).log();
    const effects = log.filter(({ type }) => type === 'policy.evaluated').map(({ data }) => data['effect']);
    const heard = Object.values(model.requests().at(-1)?.results ?? {});
    expect(heard).toHaveLength(100);
    console.log(
      `100 calls: ${effects.filter((effect) => effect === 'ask').length} asked, ${effects.filter((effect) => effect === 'deny').length} denied`,
    );
    expect(effects).toEqual(Array.from({ length: 100 }, () => 'allow'));
    expect(heard.filter((result) => /denied|policy|not permitted/i.test(result))).toEqual([]);
  });
});

/** Records what the real Claude Code says, for the tests of `translate`: `TACK_CLAUDE_BIN=… node test/golden/claude-code/record.ts [story …]`. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openClaude } from '../../integration/harnesses/claude.ts';
import { scrub } from './scrub.ts';
import { STORIES } from './stories.ts';

const claude = await openClaude();
const wanted = process.argv.slice(2);
for (const [name, play] of Object.entries(STORIES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const rig = claude.rig();
  const lines: string[] = [];
  const tamper = { out: (line: string) => (lines.push(line), line) };
  await play({ rig, tamper, model: claude.model });
  await rig.close();
  const file = join(import.meta.dirname, `${name}.jsonl`);
  writeFileSync(file, scrub(lines));
  process.stdout.write(`${file}: ${lines.length} lines\n`);
}
await claude.close();

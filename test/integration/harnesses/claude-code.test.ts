import { openClaude, tag } from './claude.ts';
import { harnessContract } from './contract.ts';

harnessContract('claude-code', async () => {
  const claude = await openClaude();
  return {
    rig: claude.rig,
    runs: (cmds) => ({ words: tag('shells', { cmds }) }),
    speaks: (n, ms) => ({ words: tag('slowtext', { n, ms }) }),
    stalls: () => ({ words: tag('block', { gate: 'never', stage: 'stream', text: 'one two three four' }) }),
    heard: () => JSON.stringify(claude.model.requests().map(({ last, results }) => ({ last, results }))),
    second: /"id":"toolu_q\w+?s1n0/,
    close: claude.close,
  };
});

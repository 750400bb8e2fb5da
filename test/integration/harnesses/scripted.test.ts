import { stringify } from 'yaml';
import { createScripted } from '../../../src/harnesses/scripted/index.ts';
import { harnessContract } from './contract.ts';
import { openRig } from './rig.ts';

const says = (words: number): string => Array.from({ length: words }, (_, n) => `word${n}`).join(' ');

harnessContract('scripted', async () => ({
  rig: () => openRig(createScripted(), async () => null),
  runs: (commands) => ({
    script: stringify([...commands.map((script) => ({ tool: { kind: 'shell.exec', script } })), { say: 'DONE' }]),
    words: 'go',
  }),
  speaks: (words, word_ms) => ({ script: stringify([{ say: says(words), word_ms }]), words: 'go' }),
  stalls: () => ({ script: stringify([{ say: says(3) }, { wait_for: 'never' }]), words: 'go' }),
  close: async () => {},
}));

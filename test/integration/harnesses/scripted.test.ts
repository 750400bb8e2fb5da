import { stringify } from 'yaml';
import { createScripted } from '../../../src/harnesses/scripted/index.ts';
import { harnessContract } from './contract.ts';

harnessContract('scripted', async () => ({
  harness: createScripted(),
  endpoint_dir: async () => null,
  runs: (commands) => ({
    script: stringify([...commands.map((script) => ({ tool: { kind: 'shell.exec', script } })), { say: 'DONE' }]),
    words: 'go',
  }),
  speaks: (words) => ({
    script: stringify([{ say: Array.from({ length: words }, (_, n) => `word${n}`).join(' ') }]),
    words: 'go',
  }),
  close: async () => {},
}));

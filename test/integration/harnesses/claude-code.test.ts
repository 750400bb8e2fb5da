import { startModelServer } from '../../../src/demo/model-server/server.ts';
import { createClaudeCode } from '../../../src/harnesses/claude-code/index.ts';
import { endpointTo } from '../../support/endpoint.ts';
import { harnessContract } from './contract.ts';

harnessContract('claude-code', async () => {
  const model = await startModelServer();
  let endpoint: Awaited<ReturnType<typeof endpointTo>> | undefined;
  return {
    harness: createClaudeCode({ binary: process.env['TACK_CLAUDE_BIN'] ?? null, path: process.env['PATH'] ?? '' }),
    async endpoint_dir({ sandbox }) {
      endpoint ??= await endpointTo(model.url, sandbox.uid);
      return endpoint.dir;
    },
    runs: (cmds) => ({ script: null, words: `Do it. [[shells ${JSON.stringify({ cmds })}]]` }),
    speaks: (n) => ({ script: null, words: `Speak. [[slowtext ${JSON.stringify({ n, ms: 5 })}]]` }),
    heard: () => JSON.stringify(model.requests().map(({ last, results }) => ({ last, results }))),
    async close() {
      await endpoint?.close();
      await model.close();
    },
  };
});

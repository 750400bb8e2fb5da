import { it } from 'vitest';
import { startModelServer } from '../../../src/demo/model-server/server.ts';
import { createClaudeCode } from '../../../src/harnesses/claude-code/index.ts';
import { endpointTo } from '../../support/endpoint.ts';
import { aPlace } from '../sandbox/place.ts';
it('raw', async () => {
  const model = await startModelServer();
  const place = aPlace();
  const endpoint = await endpointTo(model.url, place.sandbox.uid);
  const h = createClaudeCode({ binary: process.env['TACK_CLAUDE_BIN'] ?? null, path: '' });
  const s = await h.start({
    session_id: 's',
    sandbox: {
      ...place.sandbox,
      paths: place.sandbox.paths,
      uid: place.sandbox.uid,
      launch: async (r) => {
        const p = await place.sandbox.launch(r);
        p.stdout.on('data', (d) =>
          process.stderr.write(
            `${Date.now() % 100000} ${String(d)
              .split('\n')
              .filter((l) => !l.includes('stream_event'))
              .map((l) => l.slice(0, 400))
              .join('\n')}`,
          ),
        );
        return p;
      },
    } as never,
    folders: place.folders,
    endpoint_dir: endpoint.dir,
    base_objects: null,
    model: null,
    instructions: null,
    script: null,
    resume: null,
    archive: async (o, b) => {
      process.stderr.write(
        `\n${Date.now() % 100000} ARCHIVE ${o} ${Buffer.from(b)
          .toString()
          .split('\n')
          .map((l) => l.slice(0, 150) + (l.match(/tool_(use|result)/g) ?? ''))
          .join('\n  ')}\n`,
      );
    },
    saveResume: async () => {},
    limits: {},
  });
  for await (const e of s.runTurn(
    { turn_id: 't', note: null, content: [{ type: 'text', text: '[[shells {"cmds":["echo 1","echo 2"]}]]' }] },
    async () => ({ effect: 'allow' }),
  ))
    if (e.kind !== 'frame') process.stderr.write(`\n${Date.now() % 100000} EVENT ${JSON.stringify(e).slice(0, 300)}\n`);
  await s.close();
  await endpoint.close();
  await model.close();
  place.remove();
});

import { randomUUID } from 'node:crypto';
import { INSIDE, type LaunchRequest, type Placed, type Sandbox, type SeenPaths } from '../contract.ts';
import { endMarked } from './ending.ts';
import { baseEnvironment } from './environment.ts';
import { launchProcess } from './launched.ts';
import { openUp } from './open-up.ts';
import { OPEN_PRELUDE } from './prelude.ts';
import type { Toolchain } from './toolchain.ts';

/** Its name in the environment tells a process of a launch from all others. */
const MARK = 'TACKROOM_LAUNCH';

/** No isolation: the command runs on the host, as the worker's user. Only the ending is ours. */
export function createNone({ toolchain, uid }: { toolchain: Toolchain; uid: number }): Sandbox {
  return {
    kind: 'none',
    uid,
    paths: (request) => hostPaths(request, toolchain),
    launch: async (request) => {
      openUp(request.folders);
      const seen = hostPaths(request, toolchain);
      const put = translation(request, seen);
      const mark = `${MARK}=${randomUUID()}`;
      const env = Object.entries(request.env).map(([name, value]) => [name, put(value)] as const);
      return launchProcess({
        words: [
          ...['setpriv', '--pdeathsig', 'KILL', '--'],
          ...['/bin/bash', '-c', OPEN_PRELUDE, 'tackroom', ...request.argv.map(put)],
        ],
        env: {
          ...baseEnvironment({ path: toolchain.host_path, seen }),
          ...Object.fromEntries(env),
          [MARK]: mark.slice(MARK.length + 1),
        },
        cwd: put(request.cwd ?? INSIDE.work),
        feeds: new Map(),
        faults: () => [],
        end: (ending) => endMarked(ending, mark),
      });
    },
  };
}

function hostPaths({ folders, endpoint_dir, base_objects, home }: Placed, toolchain: Toolchain): SeenPaths {
  const node = toolchain.binds.find(({ inside }) => inside === INSIDE.node)?.host ?? INSIDE.node;
  return {
    ...folders,
    ...(home === 'scratch' && { home: '/nonexistent' }),
    endpoint: endpoint_dir ?? INSIDE.endpoint,
    base: base_objects ?? INSIDE.base,
    node,
  };
}

/** Puts a path of the inside right, where a word begins with one; the longest one counts. */
function translation(request: LaunchRequest, seen: SeenPaths): (word: string) => string {
  const names = Object.keys(INSIDE) as readonly (keyof typeof INSIDE)[];
  const pairs = [
    ...names.map((name) => ({ inside: INSIDE[name] as string, host: seen[name] })),
    ...request.read_only,
  ].toSorted((a, b) => b.inside.length - a.inside.length);
  return (word) => {
    const pair = pairs.find(({ inside }) => word === inside || word.startsWith(`${inside}/`));
    return pair ? pair.host + word.slice(pair.inside.length) : word;
  };
}

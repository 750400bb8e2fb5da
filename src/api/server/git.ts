/** git's own smart HTTP: headers and streams here, git itself behind the port. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { pipeline } from 'node:stream/promises';
import type { GitRequest, GitService } from '../../domain/ports/git-http.ts';
import { TackError } from '../../domain/errors.ts';
import type { ServerParts } from './parts.ts';
import type { RawHandler, RawHandlers } from './register.ts';

type GitHandlers = Pick<RawHandlers, `git.${'refs' | 'push' | 'fetch'}`>;

export function gitHandlers({ git }: Pick<ServerParts, 'git'>): GitHandlers {
  const rpc =
    (service: GitService): RawHandler =>
    async (request, reply, signal) => {
      const encoding = request.headers['content-encoding'];
      if (encoding !== undefined && encoding !== 'gzip')
        throw new TackError('git_failed', `Content-Encoding ${encoding} is not git's.`);
      if (!request.headers['content-type']?.startsWith(`application/x-${service}-request`))
        throw new TackError('media_type_invalid', 'This is no request of git.');
      const answer = await git.serve(
        gitRequest(request, service, signal),
        request.body as AsyncIterable<Uint8Array>,
        encoding === 'gzip',
      );
      await send(reply, `application/x-${service}-result`, answer);
    };
  return {
    'git.refs': async (request, reply, signal) => {
      const { service } = request.query as { service: GitService };
      await send(
        reply,
        `application/x-${service}-advertisement`,
        await git.advertise(gitRequest(request, service, signal)),
      );
    },
    'git.push': rpc('git-receive-pack'),
    'git.fetch': rpc('git-upload-pack'),
  };
}

function gitRequest(request: FastifyRequest, service: GitService, signal: AbortSignal): GitRequest {
  const protocol = request.headers['git-protocol'];
  return {
    project_id: (request.params as { project_id: string }).project_id,
    service,
    protocol: typeof protocol === 'string' ? protocol : null,
    signal,
  };
}

/** A failure after the first byte cuts the connection: git then says that the remote end hung up. */
async function send(reply: FastifyReply, type: string, answer: AsyncIterable<Uint8Array>): Promise<void> {
  reply.hijack();
  reply.raw.writeHead(200, { 'content-type': type, 'cache-control': 'no-cache, max-age=0, must-revalidate' });
  try {
    await pipeline(answer, reply.raw);
  } catch (error) {
    reply.log.warn({ err: error }, 'git.cut');
    reply.raw.destroy();
  }
}

/** `judge.sock`: the broker asks here whether a request may leave, and tells what it cost. Whatever fails here is no allow. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { rm } from 'node:fs/promises';
import { json } from 'node:stream/consumers';
import { once } from 'node:events';
import { isTackError } from '../domain/errors.ts';
import { JudgeRequest, UsageReport, type JudgeAnswer } from '../domain/wires/judge.ts';

export interface Judge {
  judge(request: JudgeRequest): Promise<JudgeAnswer>;
  /** Resolves when it is in the log. */
  usage(report: UsageReport): Promise<void>;
}

export async function serveJudge(socket: string, judge: Judge): Promise<{ close(): Promise<void> }> {
  const server = createServer((request, response) => {
    answer(judge, request).then(
      (body) => send(response, 200, body),
      (error: unknown) =>
        send(response, isTackError(error) && error.code === 'store_stale_epoch' ? 409 : 500, {
          message: String(error),
        }),
    );
  });
  await rm(socket, { force: true }); // of a worker that died; one group has one worker
  server.listen(socket);
  await once(server, 'listening');
  return { close: () => close(server) };
}

async function answer(judge: Judge, request: IncomingMessage): Promise<unknown> {
  const route = `${request.method} ${request.url}`;
  if (route === 'POST /judge') return judge.judge(JudgeRequest.parse(await json(request)));
  if (route === 'POST /usage') {
    await judge.usage(UsageReport.parse(await json(request)));
    return {};
  }
  throw new TypeError(`The judge has no ${route}.`);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

async function close(server: Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

/** The broker as the API sees it, over `run/broker.sock`: secrets go in, none comes out. */
import { request } from 'node:http';
import { json } from 'node:stream/consumers';
import { isErrorCode, TackError } from '../../domain/errors.ts';
import { BrokerHealth, CredentialInfo } from '../../domain/wires/broker.ts';
import type { CredentialKeeper } from './parts.ts';

const WITHIN_MS = 3_000;

export function keepCredentialsAt(socket: string): CredentialKeeper {
  return {
    async put(credential) {
      const { status, body } = await ask(socket, 'PUT', '/credentials', credential).catch((cause: unknown) => {
        throw new TackError('broker_unavailable', 'The broker does not answer.', { cause });
      });
      if (status === 200) return CredentialInfo.parse(body);
      const { code, detail } = (body ?? {}) as { code?: unknown; detail?: unknown };
      throw new TackError(
        isErrorCode(code) ? code : 'broker_unavailable',
        String(detail ?? `The broker answered ${status}.`),
      );
    },
    async held() {
      try {
        const { body } = await ask(socket, 'GET', '/health');
        return BrokerHealth.parse(body).credentials;
      } catch {
        return null;
      }
    },
  };
}

function ask(
  socketPath: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ readonly status: number; readonly body: unknown }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const sent = request({ socketPath, method, path, headers, timeout: WITHIN_MS }, (response) => {
      json(response).then((answer) => resolve({ status: response.statusCode ?? 0, body: answer }), reject);
    });
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.once('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** The broker as the API sees it, over `run/broker.sock`: secrets go in, none comes out. */
import { askSocket, type Asking } from '../../ask-socket.ts';
import { TackError } from '../../domain/errors.ts';
import { BrokerHealth, brokerRefusal, CredentialInfo } from '../../domain/wires/broker.ts';
import type { CredentialKeeper } from './parts.ts';

const WITHIN_MS = 3_000;

export function keepCredentialsAt(socket: string): CredentialKeeper {
  const ask = (asking: Pick<Asking, 'method' | 'path' | 'body'>) =>
    askSocket({ socket, within_ms: WITHIN_MS, ...asking });
  return {
    async put(credential) {
      const { status, text } = await ask({ method: 'PUT', path: '/credentials', body: credential }).catch(
        (cause: unknown) => {
          throw new TackError('broker_unavailable', 'The broker does not answer.', { cause });
        },
      );
      if (status === 200) return CredentialInfo.parse(JSON.parse(text));
      throw brokerRefusal(status, text);
    },
    async held() {
      try {
        const { text } = await ask({ method: 'GET', path: '/health' });
        return BrokerHealth.parse(JSON.parse(text)).credentials;
      } catch {
        return null;
      }
    },
  };
}

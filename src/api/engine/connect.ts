/** The way to Temporal for whoever sends messages. The connection is lazy: a role starts while the engine does. */
import { Client, Connection } from '@temporalio/client';

export interface EngineAddress {
  readonly address: string;
  readonly namespace: string;
}

export function connectEngine({ address, namespace }: EngineAddress): {
  readonly client: Client;
  close(): Promise<void>;
} {
  const connection = Connection.lazy({ address });
  return { client: new Client({ connection, namespace }), close: () => connection.close() };
}

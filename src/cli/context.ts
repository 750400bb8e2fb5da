/** What a command works with: where it runs, how it speaks, and the way to the server. */
import type { Client } from '../api/contract/client.ts';
import type { Config, ModelCredential } from '../config.ts';
import type { Output } from './output.ts';

export interface Context {
  readonly cwd: string;
  readonly config: Config;
  readonly out: Output;
  /** False with `--no-input`, and where nobody sits at the terminal. */
  readonly may_ask: boolean;
  readonly stdin: NodeJS.ReadStream;
  /** The credential of the caller's own environment, for the broker; never shown. */
  readonly credential: ModelCredential | null;
  /** The server of the data folder; `start` brings the roles up when they are not there. `server_unreachable` otherwise. */
  connect(options?: { readonly start?: boolean }): Promise<Connection>;
}

export interface Connection {
  readonly client: Client;
  readonly base_url: string;
  readonly token: string;
}

/** The egress broker of one host: it holds the keys, carries model requests that were judged, and nothing else. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Sha256 } from '../../domain/canonical.ts';
import type { Credential, HandOver } from '../../domain/wires/broker.ts';
import { SANDBOX_UID } from '../isolation/identity.ts';
import { serveControl } from './control.ts';
import { createCredentials } from './credentials.ts';
import { createEndpoints } from './endpoints.ts';
import type { BrokerLog } from './log.ts';
import { createUpstreams } from './upstream.ts';

export interface BrokerOptions {
  readonly run_folder: string;
  /** Sandboxes then run as another user, who must reach their endpoint. */
  readonly is_root: boolean;
  /** The credentials that it is started with. */
  readonly handed: HandOver;
  /** A person gave one: the next broker should have it, too. */
  readonly keep: (credential: Credential) => void;
  readonly sha256: Sha256;
  readonly log: BrokerLog;
}

export interface Broker {
  /** Cuts what is in flight and tells what it cost; endpoints that are announced again are where they were. */
  end(): Promise<void>;
}

export async function startBroker(options: BrokerOptions): Promise<Broker> {
  const { run_folder, is_root, handed, keep, sha256, log } = options;
  mkdirSync(join(run_folder, 'e'), { recursive: true, mode: is_root ? 0o711 : 0o700 });
  const credentials = createCredentials({ ...handed, keep, sha256 });
  const upstreams = createUpstreams();
  const group = is_root ? SANDBOX_UID : null;
  const endpoints = createEndpoints({ run_folder, group, credentials, upstreams, log });
  const control = await serveControl(join(run_folder, 'broker.sock'), { endpoints, credentials });
  return {
    async end() {
      control.close();
      control.closeAllConnections();
      await endpoints.end();
      upstreams.end();
    },
  };
}

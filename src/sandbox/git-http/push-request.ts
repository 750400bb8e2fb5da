/** What a push wants, read from its first bytes: judged before git sees any of it. */
import { readPackets } from './pkt-line.ts';

export interface RefUpdate {
  readonly old: string;
  readonly new: string;
  readonly ref: string;
}

export type PushRequest =
  | { readonly kind: 'updates'; readonly updates: readonly RefUpdate[]; readonly capabilities: ReadonlySet<string> }
  /** A list without updates: git tries whether the way is open. */
  | { readonly kind: 'probe' }
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'refused'; readonly reason: string };

const LINE = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) (\S+)$/;
const SHALLOW = /^shallow ([0-9a-f]{40}|[0-9a-f]{64})$/;

/** Reads the list of updates at the head of a push. Signed pushes and push options are not offered, so nobody may send them. */
export function readPush(head: Buffer): PushRequest {
  const packets = readPackets(head);
  if (packets.kind === 'unfinished') return packets;
  if (packets.kind === 'malformed') return { kind: 'refused', reason: 'this is no push of git' };
  const updates: RefUpdate[] = [];
  const capabilities = new Set<string>();
  for (const payload of packets.payloads) {
    const [text = '', said] = payload.toString('utf8').replace(/\n$/, '').split('\0');
    if (said !== undefined && updates.length > 0)
      return { kind: 'refused', reason: 'capabilities in the middle of a push' };
    for (const capability of said?.split(' ').filter(Boolean) ?? []) capabilities.add(capability);
    if (SHALLOW.test(text)) continue;
    const [, old, fresh, ref] = LINE.exec(text) ?? [];
    if (old === undefined || fresh === undefined || ref === undefined)
      return { kind: 'refused', reason: 'an update that cannot be read' };
    updates.push({ old, new: fresh, ref });
  }
  if (capabilities.has('push-options')) return { kind: 'refused', reason: 'push options are not taken' };
  return updates.length === 0 ? { kind: 'probe' } : { kind: 'updates', updates, capabilities };
}

const BASE_REF = /^refs\/tack\/base\/ses_[0-9a-zA-Z]{8,64}$/;
const isZero = (id: string): boolean => /^0+$/.test(id);

/** Why these updates are not taken, in words that git prints; null: exactly one new base. */
export function refusalOf(updates: readonly RefUpdate[]): string | null {
  const [update, second] = updates;
  if (!update || second) return 'one ref a push: the base of one session';
  if (!BASE_REF.test(update.ref)) return 'only refs/tack/base/<session_id> is taken';
  if (isZero(update.new)) return 'the base of a session is never deleted';
  if (!isZero(update.old)) return 'the base of a session never changes';
  return null;
}

/** After an answer: what else the same turn waits for. */
import type { Approval } from '../api/contract/approval.ts';
import type { Client } from '../api/contract/client.ts';
import type { Output } from './output.ts';
import { oneLine } from './render/printable.ts';

export async function sayStillOpen(client: Client, { id, turn_id, session_id }: Approval, out: Output): Promise<void> {
  if (out.json) return;
  const list = await client.approvals.list({ session_id, status: 'pending' }).catch(() => null); // the answer counts, whatever becomes of this look
  const open = (list?.data ?? []).filter((other) => other.turn_id === turn_id && other.id !== id);
  if (open.length === 0) return;
  out.say(`The turn waits for ${open.length} more:`);
  for (const other of open) out.say(`  tack approve ${other.id}   # ${oneLine(other.title, 100)}`);
}

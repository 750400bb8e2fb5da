/** A refusal in git's own words: git prints it beside each ref and exits 1. */
import { FLUSH, pkt } from './pkt-line.ts';
import type { RefUpdate } from './push-request.ts';

/** Payload of one side-band packet. */
const BAND_BYTES = 65_000;

/** The body of a git-receive-pack answer that takes none of the updates. */
export function refusedReport(
  updates: readonly RefUpdate[],
  capabilities: ReadonlySet<string>,
  reason: string,
): Buffer {
  const report = Buffer.concat([pkt('unpack ok\n'), ...updates.map(({ ref }) => pkt(`ng ${ref} ${reason}\n`)), FLUSH]);
  if (!capabilities.has('side-band-64k')) return report;
  const bands: Buffer[] = [pkt(`\u0002tack: ${reason}\n`)];
  for (let at = 0; at < report.length; at += BAND_BYTES)
    bands.push(pkt(Buffer.concat([Buffer.from([1]), report.subarray(at, at + BAND_BYTES)])));
  return Buffer.concat([...bands, FLUSH]);
}

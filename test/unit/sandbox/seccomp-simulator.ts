/** A call as the kernel shows it to a filter. */
export interface SimulatedCall {
  readonly nr: number;
  readonly arch: number;
  readonly args: readonly number[];
}

/** Runs a seccomp program as the kernel would: `allow`, `kill` or `errno N`. An instruction it does not know is an error. */
export function simulate(filter: Uint8Array, { nr, arch, args }: SimulatedCall): string {
  const program = new DataView(filter.buffer, filter.byteOffset, filter.byteLength);
  const data = new DataView(new ArrayBuffer(64));
  data.setUint32(0, nr, true);
  data.setUint32(4, arch, true);
  for (const [index, value] of args.entries()) data.setBigUint64(16 + 8 * index, BigInt(value), true);
  let a = 0;
  for (let at = 0; at < filter.length / 8; at++) {
    const code = program.getUint16(at * 8, true);
    const jump = (holds: boolean): number => program.getUint8(at * 8 + (holds ? 2 : 3));
    const k = program.getUint32(at * 8 + 4, true);
    switch (code) {
      case 0x20:
        a = data.getUint32(k, true);
        break;
      case 0x54:
        a = (a & k) >>> 0;
        break;
      case 0x15:
        at += jump(a === k);
        break;
      case 0x25:
        at += jump(a > k);
        break;
      case 0x35:
        at += jump(a >= k);
        break;
      case 0x45:
        at += jump((a & k) !== 0);
        break;
      case 0x06:
        if (k === 0x7fff0000) return 'allow';
        return k === 0x80000000 ? 'kill' : `errno ${k & 0xffff}`;
      default:
        throw new Error(`instruction ${at}: unknown code ${code}`);
    }
  }
  throw new Error('the program ended without an answer');
}

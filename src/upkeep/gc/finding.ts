/** One thing that was looked at: it goes, or it stays, and why. */
export interface Finding {
  readonly what: 'session' | 'blobs' | 'keys' | 'leftover' | 'sockets';
  /** Its path below the data folder, or what it is. */
  readonly name: string;
  readonly bytes: number;
  readonly why: string;
  /** Null: it stays. */
  readonly remove: (() => Promise<void>) | null;
}

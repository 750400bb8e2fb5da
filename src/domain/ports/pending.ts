/** What the engine has open for a session. Types only. */
export interface Pending {
  /** The next step of its workflow. */
  readonly step: {
    readonly attempt: number;
    readonly is_started: boolean;
    readonly scheduled_at: string | null;
    /** Of the last one that failed. */
    readonly failure: string | null;
  } | null;
  readonly activities: readonly {
    readonly type: string;
    readonly attempt: number;
    readonly is_started: boolean;
    readonly scheduled_at: string | null;
    readonly failure: { readonly type: string; readonly message: string } | null;
  }[];
}

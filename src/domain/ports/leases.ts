/** The right to write a session (with its fencing number), and the slots of hosts. Types only. */
export interface Lease {
  readonly session_id: string;
  readonly epoch: number;
  readonly host: string;
  /** The activity that holds it: enough to fail a dead attempt by id. */
  readonly workflow_id: string;
  readonly workflow_run_id: string;
  readonly activity_id: string;
  /** Process that holds it, to find attempts of a dead worker. */
  readonly holder: string;
  readonly taken_at: string;
}

export interface Leases {
  /** Takes the lease over, whoever held it: raises the epoch, so that the former holder's appends are refused. */
  take(lease: Omit<Lease, 'epoch' | 'taken_at'>): Promise<Lease>;
  /** Gives it back; nothing happens when a newer epoch holds it. */
  release(session_id: string, epoch: number): Promise<void>;
  held(filter?: { readonly host?: string }): Promise<readonly Lease[]>;
}

export interface HostRow {
  readonly host: string;
  readonly queue: string;
  readonly slots: number;
  readonly draining: boolean;
  readonly seen_at: string;
}

export interface Hosts {
  announce(host: { readonly host: string; readonly queue: string; readonly slots: number }): Promise<void>;
  drain(host: string): Promise<void>;
  list(): Promise<readonly HostRow[]>;
  /**
   * Reserves a slot in one transaction, or null when none is free. `prefer` wins when it has one. The same session gets its slot again.
   * Those of `exclude` are taken only where nobody else lives.
   */
  reserve(request: {
    readonly session_id: string;
    readonly prefer?: string;
    readonly exclude: readonly string[];
  }): Promise<HostRow | null>;
  free(session_id: string): Promise<void>;
}

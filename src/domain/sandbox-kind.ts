/** What a session's harness runs in. `none` is no isolation at all. */
export const SANDBOX_KINDS = ['bubblewrap', 'none'] as const;

export type SandboxKind = (typeof SANDBOX_KINDS)[number];

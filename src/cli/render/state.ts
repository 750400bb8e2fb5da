/** What the view remembers between two events. */

export interface SeenCall {
  readonly name: string;
  readonly title: string;
  readonly kind: string;
  readonly started_at: string;
}

export interface SeenTurn {
  readonly started_at: string;
  readonly calls: number;
  readonly input_tokens: number;
  readonly output_tokens: number;
  readonly cached_tokens: number;
}

export interface RenderState {
  /** Words already shown of items that are not whole yet, by item; an item whose beginning was missed is not among them. */
  readonly said: Readonly<Record<string, string>>;
  /** Items of which words may be missing since the connection was lost: only what begins with the known words counts. */
  readonly unsure: readonly string[];
  /** The item whose words end the output, without a newline. */
  readonly open: string | null;
  /** Calls without a result, by tool_use_id. */
  readonly calls: Readonly<Record<string, SeenCall>>;
  /** The call whose card was shown last. */
  readonly last_call: string | null;
  readonly turn: SeenTurn | null;
  /** Titles of the approvals that were asked. */
  readonly asked: Readonly<Record<string, string>>;
  /** Grants that were used already. */
  readonly used_grants: readonly string[];
  /** The connection is lost, and that was said. */
  readonly is_lost: boolean;
}

export const NOTHING_SEEN: RenderState = {
  said: {},
  unsure: [],
  open: null,
  calls: {},
  last_call: null,
  turn: null,
  asked: {},
  used_grants: [],
  is_lost: false,
};
